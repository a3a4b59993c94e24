"""How a profile looks in a notebook and as a page: one sheet, light and dark, nothing from elsewhere."""

from __future__ import annotations

DARK = (
    "--fg:#e6e9ef;--dim:#98a2b3;--bg:#14171c;--card:#1b1f26;--line:#2c323c;--bar:#5b9dff;--soft:#22364f;"
    "--red:#ff8a80;--redbg:#46211f;--amber:#f5c26b;--amberbg:#43351a;--green:#7fd6a4;--greenbg:#1c3a2a;--violet:#c7b3ff;--violetbg:#322952"
)
LIGHT = (
    "--fg:#1c2430;--dim:#667085;--bg:#f6f7f9;--card:#fff;--line:#e3e7ed;--bar:#3b7ddd;--soft:#dfeafb;"
    "--red:#b42318;--redbg:#fdeceb;--amber:#8a5a00;--amberbg:#fdf3dc;--green:#14703f;--greenbg:#e3f5ea;--violet:#5b3fb8;--violetbg:#efeafd"
)
SHEET = f"""
.dms-profile{{{LIGHT};color:var(--fg);font:14px/1.45 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;
 font-variant-numeric:tabular-nums}}
@media(prefers-color-scheme:dark){{.dms-profile{{{DARK}}}}}
[data-jp-theme-light=true] .dms-profile{{{LIGHT}}}
[data-jp-theme-light=false] .dms-profile{{{DARK}}}
.dms-profile *{{box-sizing:border-box}}
.dms-profile h1{{font-size:24px;line-height:1.2;margin:0 0 4px;overflow-wrap:anywhere}}
.dms-profile p{{margin:0 0 14px}}
.dms-profile small,.dms-profile .dim{{color:var(--dim);font-size:12px}}
.dms-profile code{{font:12px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;background:none;
 color:inherit;padding:0;white-space:pre}}
.dms-profile .k{{display:flex;flex-wrap:wrap;gap:10px;margin:16px 0 20px}}
.dms-profile .k div{{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:10px 16px;min-width:112px}}
.dms-profile .k b{{display:block;font-size:22px;line-height:1.25;font-weight:650}}
.dms-profile details{{background:var(--card);border:1px solid var(--line);border-radius:10px;margin:0 0 12px;overflow:hidden}}
.dms-profile summary{{cursor:pointer;padding:12px 16px;display:flex;gap:8px 14px;align-items:baseline;
 flex-wrap:wrap;list-style:none}}
.dms-profile summary::-webkit-details-marker{{display:none}}
.dms-profile summary::before{{content:"▸";color:var(--dim);display:inline-block}}
.dms-profile details[open]>summary::before{{content:"▾"}}
.dms-profile summary:hover{{background:var(--soft)}}
.dms-profile summary b{{font-size:16px;overflow-wrap:anywhere}}
.dms-profile .n{{padding:0 16px 10px}}
.dms-profile .n p{{margin:0 0 4px}}
.dms-profile .c{{display:grid;
 grid-template-columns:minmax(170px,1.1fr) minmax(200px,1.2fr) 236px minmax(200px,1.2fr);gap:6px 24px;
 padding:14px 16px;border-top:1px solid var(--line)}}
.dms-profile .c>*{{min-width:0}}
.dms-profile .c h3{{font-size:14px;font-weight:650;margin:0 0 2px;overflow-wrap:anywhere}}
.dms-profile dl{{display:grid;align-content:start;grid-template-columns:auto 1fr;gap:1px 12px;margin:0;
 font-size:13px;background:none}}
.dms-profile dt{{color:var(--dim);font-weight:400;float:none;width:auto}}
.dms-profile dd{{margin:0;text-align:right;overflow-wrap:anywhere}}
.dms-profile .g{{display:inline-block;border-radius:999px;padding:1px 9px;font-size:12px;margin:3px 4px 0 0;
 background:var(--soft);color:var(--fg)}}
.dms-profile .e{{background:var(--redbg);color:var(--red)}}
.dms-profile .w{{background:var(--amberbg);color:var(--amber)}}
.dms-profile .o{{background:var(--greenbg);color:var(--green)}}
.dms-profile .p{{background:var(--violetbg);color:var(--violet)}}
.dms-profile .f{{display:inline-block;width:100%;height:5px;border-radius:3px;background:var(--redbg);
 overflow:hidden;margin:4px 0}}
.dms-profile .f i{{display:block;height:100%;background:var(--bar)}}
.dms-profile svg{{display:block;width:100%;height:44px}}
.dms-profile svg path{{fill:var(--bar)}}
.dms-profile .x{{display:flex;justify-content:space-between;gap:8px;color:var(--dim);font-size:11px;
 border-top:1px solid var(--line);padding-top:2px}}
.dms-profile ul{{list-style:none;margin:0;padding:0}}
.dms-profile .t li{{position:relative;display:flex;justify-content:space-between;gap:8px;padding:0 6px;
 margin:0 0 2px;border-radius:4px;overflow:hidden}}
.dms-profile .t i{{position:absolute;left:0;top:0;bottom:0;background:var(--soft)}}
.dms-profile .t code{{position:relative;overflow:hidden;text-overflow:ellipsis}}
.dms-profile .t b{{position:relative;font-weight:500;font-size:12px;color:var(--dim)}}
@media(max-width:900px){{.dms-profile .c{{grid-template-columns:1fr 1fr}}}}
@media(max-width:560px){{.dms-profile .c{{grid-template-columns:1fr}}}}
@media print{{.dms-profile details{{break-inside:avoid}}}}
"""
PAGE = f"""
html{{{LIGHT};background:var(--bg);color-scheme:light dark}}
@media(prefers-color-scheme:dark){{html{{{DARK}}}}}
body{{margin:0 auto;max-width:1240px;padding:32px 24px 60px}}
"""
