import { html } from "../pages/html.ts";

/** Without a script there is only the text: who answers cannot be asked. */
export const liveView = html`<section class="live">
<h1>Which release answers?</h1>
<noscript><p class="alert">This page needs a script to ask.</p></noscript>
<p id="summary" role="status"></p>
<div id="answers" aria-hidden="true"></div>
<div class="tools"><p>The last minute, line by line. Each request has a connection of its own.</p><button id="pause" class="quiet" type="button" hidden>Pause</button></div>
<table>
<thead><tr><th scope="col">Release</th><th scope="col">Answers</th><th scope="col">First</th><th scope="col">Last</th></tr></thead>
<tbody id="counts"></tbody>
</table>
<h2>Changes</h2>
<ol id="changes" reversed></ol>
</section>`;
