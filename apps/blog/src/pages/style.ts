/** The one style sheet. Colours are pairs for light and dark, each with a contrast of at least 4.5 to 1. */
export const style = `
:root{color-scheme:light dark;
--paper:light-dark(#fbfaf7,#16181a);--ink:light-dark(#1d2327,#e7e5df);--soft:light-dark(#5b6469,#a3abae);
--line:light-dark(#dedad0,#33383b);--card:light-dark(#fff,#1e2124);--accent:light-dark(#0f766e,#5eead4);
--on-accent:light-dark(#fff,#0b2b28);--bad:light-dark(#b3261e,#ffb4ab);--bad-paper:light-dark(#fdecea,#3b1d1a)}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;min-height:100vh;display:flex;flex-direction:column;background:var(--paper);color:var(--ink);
font:1.0625rem/1.65 ui-sans-serif,system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif}
.wrap{width:100%;max-width:44rem;margin-inline:auto;padding-inline:1.25rem}
main{flex:1;padding-block:2rem 3rem}main:focus{outline:none}
h1,h2,h3,h4{line-height:1.25;font-weight:680;letter-spacing:-.012em;text-wrap:balance;overflow-wrap:anywhere}
h1{font-size:2rem;margin:.25rem 0 1rem}h2{font-size:1.3rem}
.lead{font-size:1.05rem;font-weight:450;letter-spacing:0;color:var(--soft);margin:0}
a{color:var(--accent);text-underline-offset:.18em;text-decoration-thickness:.06em}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px;border-radius:.25rem}
.skip{position:absolute;left:-999px}.skip:focus{left:1rem;top:.5rem;background:var(--card);padding:.5rem 1rem;z-index:1}
.top{border-bottom:1px solid var(--line);background:var(--card)}
.top .wrap{display:flex;flex-wrap:wrap;align-items:center;gap:.25rem 1.5rem;padding-block:.85rem}
.brand{font-weight:750;font-size:1.15rem;letter-spacing:-.02em;color:var(--ink);text-decoration:none;margin-right:auto}
.top nav{display:flex;gap:1.25rem}.top nav a{color:var(--soft);text-decoration:none;padding:.2rem 0;border-bottom:2px solid transparent}
.top nav a:hover{color:var(--ink)}.top nav a[aria-current]{color:var(--ink);border-color:var(--accent)}
.posts{list-style:none;margin:1.75rem 0 0;padding:0}.posts li{padding:1.4rem 0;border-top:1px solid var(--line)}
.posts li:first-child{border-top:0;padding-top:0}.posts h2{margin:0 0 .2rem}
.posts h2 a{color:inherit;text-decoration:none}.posts h2 a:hover{color:var(--accent);text-decoration:underline}
.meta{display:flex;flex-wrap:wrap;align-items:center;gap:.35rem .8rem;margin:0;color:var(--soft);font-size:.9rem}
.excerpt{margin:.5rem 0 0;display:-webkit-box;-webkit-box-orient:vertical;-webkit-line-clamp:3;overflow:hidden;overflow-wrap:anywhere}
.badge{display:inline-block;padding:.05rem .65rem;border:1px solid var(--line);border-radius:99px;background:var(--card);text-decoration:none;font-size:.85rem}
.badge:hover{border-color:var(--accent)}
.paging{display:flex;justify-content:space-between;margin-top:1.5rem}.paging .older{margin-left:auto}
.post header{margin-bottom:1.75rem}.post h1{margin-bottom:.5rem}
.prose{overflow-wrap:anywhere}.prose h2{margin:2rem 0 .5rem}.prose p{margin:0 0 1.1rem}
.prose pre{overflow-x:auto;padding:.9rem 1.1rem;background:var(--card);border:1px solid var(--line);border-radius:.6rem;font-size:.9rem;line-height:1.55}
code{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace;font-size:.92em}
.prose .written{white-space:pre-wrap}
.prose :not(pre)>code{padding:.1em .35em;background:var(--card);border:1px solid var(--line);border-radius:.3rem}
.prose blockquote{margin:1.25rem 0;padding-left:1rem;border-left:3px solid var(--accent);color:var(--soft)}
.prose table{display:block;margin:0 0 1.1rem;overflow-x:auto;border-collapse:collapse;font-size:.95rem}
.prose th,.prose td{padding:.4rem .8rem .4rem 0;border-bottom:1px solid var(--line);text-align:left;vertical-align:top}
.actions{display:flex;flex-wrap:wrap;align-items:flex-start;gap:.75rem;margin-top:2rem}
button,.button{display:inline-block;padding:.5rem 1.1rem;border:1px solid var(--accent);border-radius:.5rem;background:var(--accent);color:var(--on-accent);font:inherit;font-weight:600;text-decoration:none;cursor:pointer}
button:hover,.button:hover{filter:brightness(1.08)}
.quiet{background:transparent;border-color:var(--line);color:var(--ink);font-weight:500}
.danger{background:var(--bad);border-color:var(--bad);color:light-dark(#fff,#3b0a07)}
details summary{list-style:none}details summary::-webkit-details-marker{display:none}
details form{margin-top:.75rem}details form p{margin:0 0 .5rem}
.field{margin-bottom:1.25rem}label{display:block;font-weight:620;margin-bottom:.3rem}label small{font-weight:400;color:var(--soft)}
input,textarea,select{width:100%;padding:.55rem .75rem;border:1px solid light-dark(#8b949a,#6b7378);border-radius:.5rem;background:var(--card);color:inherit;font:inherit}
textarea{font:.95rem/1.6 ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace;resize:vertical}
[aria-invalid]{border-color:var(--bad)}.error{margin:.3rem 0 0;color:var(--bad);font-size:.95rem}
.alert{padding:.75rem 1rem;border-left:4px solid var(--bad);border-radius:.3rem;background:var(--bad-paper);margin-bottom:1.5rem}.alert p{margin:0}
.chips{display:flex;flex-wrap:wrap;gap:.6rem;list-style:none;margin:0 0 2rem;padding:0}.chips .badge{font-size:1rem;padding:.25rem 1rem}
.inline{display:flex;flex-wrap:wrap;align-items:flex-end;gap:.75rem;border-top:1px solid var(--line);padding-top:1.5rem}.inline .field{flex:1 1 16rem;margin:0}
.empty{color:var(--soft)}section.empty{text-align:center;padding:3rem 0}.status{font-size:4rem;font-weight:750;line-height:1;margin:0;color:var(--accent)}
.empty h1{color:var(--ink)}
footer{border-top:1px solid var(--line);color:var(--soft);font-size:.85rem}footer p{margin:0;padding-block:1rem}.version{color:var(--accent)}
@media (max-width:30rem){h1{font-size:1.6rem}main{padding-top:1.25rem}}
@media (prefers-reduced-motion:no-preference){html{scroll-behavior:smooth}}
`;
