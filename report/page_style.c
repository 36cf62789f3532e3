#include "report/page.h"

#include "report/safe_text.h"

#include "core/strbuf.h"

/* Colours by meaning; the dark set replaces them all. */
static const char colours[] =
    ":root{--ink:#1b2430;--soft:#5b6675;--line:#dfe3e8;--back:#f6f7f9;--card:#fff;--area:#fcfcfd;"
    "--grid:#e6e9ee;--valid:#17794a;--invalid:#c0262d;--unknown:#92610a;--vacuous:#6a4fa0;"
    "--error:#4a5563;--ok:#2f78c4;--fail:#8a6d00;--info:#d6336c;--k0:#7a68d8;--k1:#d2553f;"
    "--k2:#c98a12;--k3:#1f9a8a;--k4:#5f86ad;--k5:#a0654a;--k6:#7b8a34;--k7:#a2549c;"
    "--shade:.13;--bar:#dbe7f5;--bar-line:#7fa6d0;--hot:#fbd9da;--code:#f3f5f8;--strip:#fff}\n"
    "@media(prefers-color-scheme:dark){:root{--ink:#e7eaef;--soft:#9aa5b4;--line:#323b47;"
    "--back:#12161c;--card:#1a2028;--area:#1d242d;--grid:#2b343f;--valid:#2c9c64;"
    "--invalid:#e0484e;--unknown:#a8761a;--vacuous:#8f76c8;--error:#76828f;--ok:#64a6ea;"
    "--fail:#d8b43c;--info:#ff6b9d;--k0:#9a8bf0;--k1:#ea7a63;--k2:#e0a83c;--k3:#3dbfae;"
    "--k4:#86a9cc;--k5:#c58a6e;--k6:#a3b34f;--k7:#c77ac1;--shade:.2;--bar:#25415f;"
    "--bar-line:#5b8fc6;--hot:#5c2327;--code:#151a21;--strip:#14181e}}\n";

static const char layout[] =
    "*{box-sizing:border-box}html{-webkit-text-size-adjust:100%;color-scheme:light dark}"
    "body{margin:0;background:var(--back);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"
    "'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif}"
    "main{max-width:1180px;margin:0 auto;padding:28px 24px 56px}"
    "section{background:var(--card);border:1px solid var(--line);border-radius:10px;"
    "padding:20px 24px;margin:0 0 18px}"
    "h1{font-size:24px;line-height:1.3;margin:0;font-weight:650;letter-spacing:-.01em;"
    "overflow-wrap:anywhere}"
    "h2{font-size:18px;margin:0 0 6px;font-weight:650}h3{font-size:14px;margin:20px 0 6px;"
    "font-weight:650}p{margin:6px 0}a{color:var(--ok)}"
    ".over{color:var(--soft);font-size:13px;margin:0 0 "
    "10px}.lead{color:var(--soft);max-width:125ch}"
    ".note{color:var(--soft);font-size:13px;max-width:130ch}"
    ".head{display:flex;gap:14px;align-items:flex-start}"
    "footer{color:var(--soft);font-size:13px}\n"
    ".badge{display:inline-block;border-radius:5px;padding:1px 8px;color:#fff;font-size:12px;"
    "font-weight:650;letter-spacing:.02em;white-space:nowrap}"
    ".badge.large{font-size:17px;padding:4px 14px;border-radius:7px;text-transform:uppercase;"
    "letter-spacing:.05em}"
    ".valid{background:var(--valid)}.invalid{background:var(--invalid)}"
    ".unknown{background:var(--unknown)}.vacuous{background:var(--vacuous)}"
    ".error,.unfinished{background:var(--error)}"
    "section.top{border-top:5px solid var(--error)}section.t-valid{border-top-color:var(--valid)}"
    "section.t-invalid{border-top-color:var(--invalid)}"
    "section.t-unknown{border-top-color:var(--unknown)}"
    "section.t-vacuous{border-top-color:var(--vacuous)}\n";

static const char blocks[] =
    "dl.facts{display:grid;grid-template-columns:repeat(auto-fill,minmax(230px,1fr));gap:10px 24px;"
    "margin:16px 0 0;padding:14px 0 0;border-top:1px solid var(--line)}"
    "dl.facts div{min-width:0}dl.facts dt{color:var(--soft);font-size:12.5px}"
    "dl.facts dd{margin:0;overflow-wrap:anywhere}"
    "dl.why{margin:10px 0 14px;display:grid;grid-template-columns:max-content 1fr;gap:5px 20px;"
    "border-left:4px solid var(--invalid);padding:8px 14px;background:var(--code);"
    "border-radius:0 6px 6px 0}dl.why dt{color:var(--soft)}"
    "dl.why dd{margin:0;overflow-wrap:anywhere}dl.why b{color:var(--invalid)}"
    "@media(max-width:640px){main{padding:14px 8px 40px}section{padding:14px}"
    "h1{font-size:19px}dl.why{grid-template-columns:1fr;gap:0}dl.why dd{margin:0 0 8px}}"
    "code{font:12.5px ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace}"
    ".box{border-left:4px solid var(--error);background:var(--code);padding:8px 14px;"
    "margin:14px 0 0;border-radius:0 6px 6px 0;overflow-wrap:anywhere}"
    ".box.bad{border-left-color:var(--invalid)}.box p{margin:2px 0}"
    ".tiles{display:flex;flex-wrap:wrap;gap:8px 30px;margin:8px 0 14px}"
    ".tiles div{min-width:76px}.tiles b{display:block;font-size:22px;font-weight:600;"
    "line-height:1.25;font-variant-numeric:tabular-nums}.tiles .name{color:var(--soft);"
    "font-size:13px}"
    ".table{overflow-x:auto;margin:6px 0}table{border-collapse:collapse;width:100%;font-size:14px}"
    "th{text-align:left;font-weight:600;font-size:12.5px;color:var(--soft);white-space:nowrap}"
    "th,td{padding:5px 12px 5px 0;border-bottom:1px solid var(--line);vertical-align:top}"
    "tr:last-child td{border-bottom:0}td{overflow-wrap:break-word}"
    "td.n,th.n{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}"
    "td.w{white-space:nowrap;}tr.sum td{font-weight:600}"
    "table.slim{width:auto}table.slim td,table.slim th{padding-right:28px}"
    ".yes{color:var(--valid);font-weight:600}.no{color:var(--invalid);font-weight:600}"
    ".err{color:var(--invalid)}"
    "pre{background:var(--code);border:1px solid var(--line);border-radius:6px;padding:12px 14px;"
    "margin:8px 0;overflow-x:auto;white-space:pre-wrap;overflow-wrap:anywhere;font:12.5px/1.5 "
    "ui-monospace,SFMono-Regular,Menlo,Consolas,"
    "'DejaVu Sans Mono',monospace}"
    "details summary{cursor:pointer;color:var(--soft);margin:6px 0}"
    "img.cycle{max-width:100%;height:auto}"
    "details.large>summary{font-size:18px;font-weight:650;color:var(--ink);margin:0 0 4px}"
    "details.large>details{margin:6px 0 6px 20px}"
    "ul.legend{list-style:none;display:flex;flex-wrap:wrap;gap:4px 20px;margin:8px 0;padding:0;"
    "font-size:13px;color:var(--soft)}ul.legend li{display:flex;align-items:center;gap:7px}\n";

static const char drawings[] =
    "svg.plot{display:block;width:100%;height:auto;margin:4px 0}.scroll{overflow-x:auto;"
    "margin:4px 0}svg.timeline{display:block}svg text{fill:var(--soft);font-size:11.5px}"
    ".area{fill:var(--area)}.grid{stroke:var(--grid);fill:none}.grid.minor{stroke-opacity:.55}"
    ".base{stroke:var(--soft);fill:none}.tick{stroke:var(--soft);fill:none}"
    ".shade{fill:currentColor;opacity:var(--shade)}.strip{fill:currentColor}"
    "svg text.strip-label{fill:var(--strip);font-size:10px}"
    ".k0{color:var(--k0)}.k1{color:var(--k1)}.k2{color:var(--k2)}.k3{color:var(--k3)}"
    ".k4{color:var(--k4)}.k5{color:var(--k5)}.k6{color:var(--k6)}.k7{color:var(--k7)}"
    ".swatch{display:inline-block;width:16px;height:12px;border-radius:3px;background:currentColor}"
    ".dot{width:9px;height:9px;border-radius:50%}"
    ".dot.ok{background:var(--ok)}.dot.fail{background:var(--fail)}.dot.info{background:var(--info)"
    "}"
    ".dots{fill:none;stroke-width:2.6;stroke-linecap:round;stroke-opacity:.5}"
    ".dots.s1{stroke-opacity:.75}.dots.s2{stroke-opacity:1}.dots.few{stroke-width:4}"
    ".dots.ok{stroke:var(--ok)}.dots.fail{stroke:var(--fail)}"
    ".dots.info{stroke:var(--info);stroke-width:3.6;stroke-opacity:.8}"
    ".line{fill:none;stroke-width:1.5}.line.ok{stroke:var(--ok)}.line.fail{stroke:var(--fail)}"
    "svg .violation path{stroke:var(--invalid);stroke-width:1.5;fill:none}"
    "svg .violation text{fill:var(--invalid);font-weight:650}"
    ".line.info{stroke:var(--info)}.filled{stroke:none;fill-opacity:.16}"
    ".filled.ok{fill:var(--ok)}.filled.fail{fill:var(--fail)}.filled.info{fill:var(--info)}\n";

static const char timelines[] =
    ".op text{font:11px ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace;"
    "fill:var(--ink)}.bar{fill:var(--bar);stroke:var(--bar-line)}"
    ".op.fail .bar{fill:none;stroke:var(--soft);stroke-dasharray:3 3}"
    ".op.fail text{fill:var(--soft)}"
    ".op.info .bar{stroke:none;fill:var(--info);fill-opacity:.12}"
    ".edge{fill:none;stroke:var(--info);stroke-dasharray:5 3}"
    ".op.witness .bar{fill:var(--hot);stroke:var(--invalid);stroke-width:2}"
    ".op.failing.witness .bar{fill:var(--invalid);fill-opacity:.6}"
    ".op.witness.info .bar{stroke:none;fill-opacity:1}"
    ".op.witness .edge{stroke:var(--invalid);stroke-width:2}"
    ".op.witness text{fill:var(--ink);font-weight:700}"
    "path.idle{stroke:var(--soft);stroke-dasharray:1 4;fill:none}svg text.idle{font-size:10.5px}"
    ".key{width:22px;height:12px;border-radius:3px;border:1px solid var(--bar-line);"
    "background:var(--bar)}.key.witness{border:2px solid var(--invalid);background:var(--hot)}"
    ".key.failing{border:2px solid var(--invalid);background:var(--invalid)}"
    ".key.fail{border:1px dashed var(--soft);background:none}"
    ".key.info{border:1px dashed var(--info);border-right:0;border-radius:0;background:none}"
    ".tools{display:flex;flex-wrap:wrap;gap:6px;align-items:center;margin:8px 0}"
    ".tools button,.tools select{font:inherit;font-size:13px;color:var(--ink);"
    "background:var(--code);border:1px solid var(--line);border-radius:6px;padding:3px 10px;"
    "max-width:240px}.tools button:disabled{opacity:.4}.tools label{font-size:13px;"
    "color:var(--soft);margin-right:8px}"
    ".stage{border:1px solid var(--line);border-radius:6px;overflow:hidden}"
    ".stage canvas{display:block;width:100%;touch-action:pan-y;cursor:grab}"
    ".stage canvas:focus-visible{outline:2px solid var(--ok);outline-offset:-2px}"
    ".said{font-size:13px;min-height:3em;margin:8px 0;overflow-wrap:anywhere}"
    "@media print{body{background:#fff}section{break-inside:avoid}}\n";

void page_open(struct strbuf *out, const char *title, const char *script_hash)
{
    strbuf_puts(out, "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"/>\n"
                     "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
                     "style-src 'unsafe-inline'; img-src data:");
    if (script_hash)
        strbuf_printf(out, "; script-src 'sha256-%s'", script_hash);
    strbuf_puts(out,
                "\"/>\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n"
                "<title>");
    safe_puts_html(out, title);
    strbuf_puts(out, "</title>\n<style>\n");
    strbuf_puts(out, colours);
    strbuf_puts(out, layout);
    strbuf_puts(out, blocks);
    strbuf_puts(out, drawings);
    strbuf_puts(out, timelines);
    strbuf_puts(out, "</style></head>\n<body><main>\n");
}

void page_close(struct strbuf *out)
{
    strbuf_puts(out, "</main></body></html>\n");
}
