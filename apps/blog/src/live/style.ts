const failed =
  "polygon(18% 0,50% 32%,82% 0,100% 18%,68% 50%,100% 82%,82% 100%,50% 68%,18% 100%,0 82%,32% 50%,0 18%)";

/**
 * Releases and failures in the colours of the report, which people with any kind of colour blindness tell apart; and
 * each has its own shape.
 */
export const liveStyle = `
:root{--r0:light-dark(#2b5f9e,#6f9fd8);--r1:light-dark(#d39c1c,#eecc66);--r2:light-dark(#3f9b84,#66c2a9);
--r3:light-dark(#8a6bb8,#b59be0);--failed:light-dark(#bb3e52,#ff7d92)}
#summary{margin:0 0 1.25rem;min-height:1.5em;font-size:1.2rem;font-weight:600;color:var(--accent)}
#answers{--columns:30;display:grid;grid-template-columns:repeat(var(--columns),1fr);gap:4px;
padding:.75rem;border:1px solid var(--line);border-radius:.75rem;background:var(--card)}#answers:empty{display:none}
#answers i{aspect-ratio:1;border-radius:50%;background:var(--line);transform:scale(.25)}
#answers i.asked{background:var(--soft);transform:scale(.4)}
#answers i[class]:not(.asked),#counts i{transform:none;forced-color-adjust:none}
#counts i{display:inline-block;width:.95em;height:.95em;margin-right:.55em;vertical-align:-.1em}
#answers i.release-0,#counts i.release-0{background:var(--r0);border-radius:22%}
#answers i.release-1,#counts i.release-1{background:var(--r1);border-radius:50%}
#answers i.release-2,#counts i.release-2{background:var(--r2);border-radius:0;clip-path:polygon(50% 0,100% 50%,50% 100%,0 50%)}
#answers i.release-3,#counts i.release-3{background:var(--r3);border-radius:0;clip-path:polygon(50% 4%,100% 96%,0 96%)}
#answers i.failed,#counts i.failed{background:var(--failed);border-radius:0;clip-path:${failed}}
.live table{width:100%;margin:1.5rem 0;border-collapse:collapse;font-variant-numeric:tabular-nums}
.live th,.live td{padding:.45rem .75rem .45rem 0;border-bottom:1px solid var(--line);text-align:left;vertical-align:baseline}
.live thead th{color:var(--soft);font-size:.85rem;font-weight:450}.live tbody th{font-weight:650;white-space:nowrap}
.live td:nth-child(2),.live th:nth-child(2){text-align:right;padding-right:1.75rem}
.live .tools{display:flex;flex-wrap:wrap;align-items:center;justify-content:space-between;gap:.5rem 1rem;margin:.75rem 0 0;color:var(--soft);font-size:.9rem}
.live .tools p{margin:0}#pause{padding:.3rem .9rem;font-size:.9rem}
#changes{margin:0;padding:0;list-style:none}#changes li{display:grid;grid-template-columns:auto 1fr;gap:.75rem}#changes time{color:var(--soft);font-variant-numeric:tabular-nums}
@media (max-width:40rem){#answers{--columns:20;gap:3px}.live th,.live td{padding-right:.5rem}.live td:nth-child(2),.live th:nth-child(2){padding-right:1rem}}
@media (prefers-reduced-motion:no-preference){#answers i[class]:not(.asked){animation:appear .18s ease-out}@keyframes appear{from{transform:scale(.4);opacity:.4}}}
`;
