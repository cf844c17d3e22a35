/** The report's style sheet; the colours of the classes and the sprite are added per report. */
export const style: string = `
:root{color-scheme:light dark;--back:#fbfbfa;--card:#fff;--ink:#1d2126;--soft:#5d6670;--line:#dfe2e6;--good:#1f8a4c;--bad:#cc3d3d;
--s0:#2f6fd0;--s1:#d9662b;--s2:#2b9a66;--s3:#8a56c4;--s4:#c8467c;--s5:#9a7a14}
@media(prefers-color-scheme:dark){:root{--back:#14171a;--card:#1c2024;--ink:#e7eaed;--soft:#9aa4ae;--line:#343a41;--good:#4cc281;--bad:#ff7b72;
--s0:#6ea6ff;--s1:#ff9a62;--s2:#57cf95;--s3:#bd92f2;--s4:#f283b0;--s5:#d6b24a}}
*{box-sizing:border-box}
body{margin:0 auto;padding:28px 20px 60px;max-width:1180px;background:var(--back);color:var(--ink);font:15px/1.5 system-ui,sans-serif;overflow-wrap:anywhere}
h1{font-size:1.7rem;line-height:1.2;margin:0 0 14px}h2{font-size:1.15rem;margin:0 0 10px}
section,.config{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:18px;margin:0 0 18px}
figure{margin:0;min-width:0}figcaption{font-size:.87rem;margin-bottom:6px;color:var(--soft)}figcaption b{color:var(--ink);margin-right:8px}.charts b{display:block}
.note{color:var(--soft);font-size:.85rem;margin:8px 0}ol.note{padding-left:1.4em}
summary{cursor:pointer;font-weight:600}
dl{display:grid;grid-template-columns:repeat(auto-fill,minmax(190px,1fr));gap:8px 18px;margin:12px 0 0}
dt{color:var(--soft);font-size:.8rem}dd{margin:0;font-size:.92rem}
.scroll{overflow-x:auto}table{border-collapse:collapse;min-width:min(100%,430px)}
th,td{padding:7px 22px 7px 0;text-align:right;vertical-align:top;white-space:nowrap;font-variant-numeric:tabular-nums}
th:first-child{text-align:left;white-space:normal;overflow-wrap:break-word;min-width:7.5em}thead th{color:var(--soft);font-size:.82rem;border-bottom:1px solid var(--line)}
tbody th{font-weight:500}.best{font-weight:700}.none{color:var(--soft)}sup{color:var(--soft);font-weight:400;font-size:.65em;margin-left:2px}
.bar{display:block;width:96px;height:4px;margin:3px 0 0 auto;border-radius:2px;background:var(--line)}
.bar span{display:block;height:100%;border-radius:2px;background:var(--s0)}
.charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,340px),1fr));gap:22px}
svg{display:block;width:100%;height:auto}.chart{max-width:560px;touch-action:pan-y}
.tick,.label{font-size:14px;fill:var(--soft)}.grid{stroke:var(--line);fill:none}.axis{stroke:var(--soft);fill:none}
.guide{stroke:var(--soft);stroke-dasharray:5 4;fill:none}.cursor{stroke:var(--soft);visibility:hidden}
.line{fill:none;stroke:var(--c);stroke-width:2;stroke-linejoin:round}.dots{stroke:var(--c);stroke-width:7;stroke-linecap:round;fill:none}.band{fill:var(--c);opacity:.18}
.s0{--c:var(--s0)}.s1{--c:var(--s1)}.s2{--c:var(--s2)}.s3{--c:var(--s3)}.s4{--c:var(--s4)}.s5{--c:var(--s5)}
.key{white-space:nowrap;margin-right:8px}.key::before{content:"";display:inline-block;width:14px;height:3px;margin-right:5px;vertical-align:middle;background:var(--c)}
.maps{display:grid;align-items:start;grid-template-columns:repeat(auto-fit,minmax(min(100%,400px),1fr));gap:22px}
.map{border:1px solid var(--line);border-radius:8px;max-width:640px;touch-action:pan-y}
.map path{fill:none;stroke:var(--k);stroke-width:9;stroke-linecap:round;opacity:.85}.map.only path{opacity:.07}.map.only .on{opacity:1}
.mark{fill:none;stroke:var(--ink);stroke-width:3;visibility:hidden}
.legend{display:flex;flex-wrap:wrap;gap:6px;margin:10px 0 14px;max-height:190px;overflow-y:auto}
.legend button{font:inherit;font-size:.85rem;color:inherit;background:none;border:1px solid var(--line);border-radius:99px;padding:3px 11px;cursor:pointer;max-width:100%}
.legend button::before{content:"";display:inline-block;width:10px;height:10px;border-radius:50%;margin-right:6px;background:var(--k)}
.legend button[aria-pressed=true]{border-color:var(--ink);box-shadow:inset 0 0 0 1px var(--ink)}
.neighbours{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,500px),1fr));gap:22px}
.strip{--t:clamp(24px,7vw,44px);display:grid;grid-template-columns:auto 1fr;align-items:center;gap:5px 16px;margin:0 2px 12px}
.strip small{grid-column:1/-1;color:var(--soft);font-size:.78rem;line-height:1.3}.found{display:flex;flex-wrap:wrap;gap:8px}
.thumb{display:inline-block;width:var(--t);height:calc(var(--t)*var(--aspect));background-color:#8883;background-size:calc(var(--t)*var(--columns)) calc(var(--t)*var(--aspect)*var(--rows));
background-position:calc(var(--col)*var(--t)*-1) calc(var(--row)*var(--t)*var(--aspect)*-1);outline-offset:1px}
.query{outline:2px solid var(--ink)}.same{outline:2px solid var(--good)}.other{outline:2px dashed var(--bad)}
.key-same{color:var(--good)}.key-other{color:var(--bad)}
#tip{position:fixed;left:0;top:0;z-index:9;pointer-events:none;max-width:230px;padding:7px 10px;border-radius:8px;border:1px solid var(--line);background:var(--card);box-shadow:0 4px 16px #0004;font-size:.82rem;line-height:1.4;--t:84px}
#tip[hidden]{display:none}#tip .thumb{display:block;margin:0 0 5px}#tip div::before{content:"";display:inline-block;width:9px;height:9px;border-radius:50%;background:var(--c,var(--k,transparent));margin-right:6px}
#tip .plain::before{display:none}
@media(max-width:600px){body{padding:16px 10px 40px}section,.config{padding:13px}dl{grid-template-columns:repeat(auto-fill,minmax(130px,1fr))}th,td{padding-right:9px;font-size:.85rem}th:first-child{min-width:5.5em}thead th{white-space:normal;overflow-wrap:normal;vertical-align:bottom;font-size:.75rem}.bar{display:none}}
@media print{section{break-inside:avoid}}`;
