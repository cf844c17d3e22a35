/** Where the bytes of a file are: plain data, so that another thread can open it. */
export interface FilePlace {
  /** A path, or an `http:` or `https:` URL. */
  readonly place: string;
  /** In bytes. */
  readonly size: number;
  /** What the server calls this version of the file, or null. */
  readonly version: string | null;
  /** Sent with each request. */
  readonly headers: Readonly<Record<string, string>> | null;
}

/** A file read by ranges. */
export interface ByteFile extends FilePlace {
  /** Exactly the bytes from `start` to before `end`, 0 ≤ start ≤ end ≤ size, or a `DataError`. */
  readonly read: (start: number, end: number) => Promise<Uint8Array>;
}
