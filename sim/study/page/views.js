// The views of the page, in the order of their tabs. A view is shown if the file holds a section of its kind.
//
// To add one: its file in views/, its row here, and who writes its sections in sim/study/report_page.cpp.
//   name    in the address, as view=name
//   title   on its tab
//   kind    of the sections that it shows (PageSection::kind)
//   show(container, sections, page) fills the empty element `container`. `sections` are the parsed sections of its kind, one
//           or more; `page` is {state, announce}: state of state.js, whose keys a view begins with its name and a point;
//           announce(text) is read out to those who do not see. Returns {destroy()}, called before another view takes its
//           place. What is drawn on a canvas asks theme.js for colours and listens to on_theme().

import { about_view } from "./views/about.js";
import { differences_view } from "./views/differences.js";
import { exits_view } from "./views/exits.js";
import { lines_view } from "./views/lines.js";
import { pareto_view } from "./views/pareto.js";
import { table_view } from "./views/table.js";
import { timeline_view } from "./views/timeline.js";

export const views = [
  { name: "lines", title: "Lines", kind: "study", show: lines_view },
  { name: "differences", title: "Differences", kind: "study", show: differences_view },
  { name: "pareto", title: "Pareto", kind: "study", show: pareto_view },
  { name: "exits", title: "Exits", kind: "study", show: exits_view },
  { name: "table", title: "Table", kind: "study", show: table_view },
  { name: "timeline", title: "Timeline", kind: "timeline", show: timeline_view },
  { name: "about", title: "About", kind: "study", show: about_view },
];
