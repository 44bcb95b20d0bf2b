// The playground: replies that stream in, and the composer below them.

import { beginColumns } from "./columns.js";
import { beginComposer } from "./composer.js";
import "./diff.js";
import { beginDrafts } from "./drafts.js";
import "./heatmap.js";
import "./menus.js";
import { beginParameters } from "./parameters.js";
import { beginRows } from "./rows.js";
import { beginSamples } from "./samples.js";
import { beginScrolling } from "./scrolling.js";
import { connectAll } from "./streams.js";
import "./voting.js";

document.querySelectorAll("[data-turns]").forEach(begin);

function begin(turns) {
  const columns = document.querySelector("[data-columns]");
  if (columns) beginColumns(columns);
  beginParameters();
  beginSamples(turns);
  const composer = document.querySelector("[data-composer]");
  connectAll(turns);
  new MutationObserver(() => connectAll(turns)).observe(turns, { childList: true });
  if (composer) {
    beginComposer(composer);
    beginRows(composer);
    beginDrafts(composer);
  }
  beginScrolling(turns);
}
