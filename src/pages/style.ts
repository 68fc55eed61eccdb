/** The one style sheet of these pages, light and dark as the reader has it. */
export const STYLE = `:root{color-scheme:light dark;--back:#f8f9fa;--card:#fff;--line:#dee2e6;--edge:#868e96;--text:#101113;--dim:#495057;--main:#3b5bdb;--over:#364fc7;--focus:#3b5bdb;--link:#3b5bdb;--bad:#c92a2a;--pale:#fff5f5}
@media (prefers-color-scheme:dark){:root{--back:#1a1b1e;--card:#242424;--line:#424242;--edge:#828282;--text:#e9ecef;--dim:#a6a7ab;--main:#4263eb;--over:#3b5bdb;--focus:#748ffc;--link:#91a7ff;--bad:#ff8787;--pale:#3b2226}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;display:grid;place-items:center;padding:24px 16px;background:var(--back);color:var(--text);font:16px/1.5 Inter,-apple-system,"Segoe UI",Roboto,Helvetica,Arial,sans-serif}
main{width:100%;max-width:400px;background:var(--card);border:1px solid var(--line);border-radius:12px;padding:32px;overflow-wrap:anywhere}
.mark{display:block;width:40px;height:40px;margin-bottom:20px}
h1{margin:0 0 12px;font-size:22px;line-height:1.3}
p{margin:0 0 16px;color:var(--dim)}
label{display:block;margin:16px 0 6px;font-size:14px;font-weight:600}
input{width:100%;padding:10px 12px;border:1px solid var(--edge);border-radius:8px;background:transparent;color:inherit;font:inherit}
input:focus-visible,button:focus-visible,a:focus-visible{outline:2px solid var(--focus);outline-offset:2px}
button,.button{display:block;width:100%;margin-top:20px;padding:11px 16px;border:1px solid transparent;border-radius:8px;background:var(--main);color:#fff;font:inherit;font-weight:600;text-align:center;text-decoration:none;cursor:pointer}
button:hover,.button:hover{background:var(--over)}
input[aria-invalid]{border-color:var(--bad)}
.quiet{margin-top:12px;border-color:var(--edge);background:transparent;color:inherit}
.quiet:hover{background:var(--back)}
a:not(.button){color:var(--link)}
.error{margin:0 0 16px;padding:10px 12px;border:1px solid var(--bad);border-radius:8px;background:var(--pale);color:var(--bad);font-size:14px}
.small{margin:20px 0 0;font-size:13px}
.hint{margin:6px 0 0;font-size:13px}
.or{display:flex;align-items:center;gap:12px;margin:24px 0 0;font-size:13px}
.or::before,.or::after{content:"";flex:1;border-top:1px solid var(--line)}
.said{padding:10px 12px;border:1px solid var(--line);border-radius:8px;color:inherit;font-size:14px}
dl{margin:0 0 8px;font-size:14px}
dt{color:var(--dim)}
dd{margin:0 0 10px}
`;
