// Everything the pages need, in one file. Each module finds its elements by data attributes.

import "htmx.org";
import "./chart.js";
import "./clock.js";
import "./columns.js";
import "./copy.js";
import "./dialog.js";
import "./fold.js";
import "./in_turn.js";
import "./playground/index.js";
import "./reach.js";
import "./renewed.js";
import "./row_editor.js";
import "./row_edits.js";
import "./rows.js";
import "./theme.js";
import "./toast.js";
import "./upload.js";
