export async function outsideExample() { return []; }
export async function endToEnd() { return []; }
