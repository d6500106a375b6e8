import "uplot/dist/uPlot.min.css";
import "./style/report.css";
import type { ChartData } from "../view/chart-data.ts";
import { drawCharts } from "./charts.ts";
import { followPointer } from "./pointer.ts";
import { onPaper } from "./print.ts";
import { moments } from "./tooltip.ts";
import { zooming } from "./zoom.ts";

const element = (id: string) => document.getElementById(id) as HTMLElement;
const data: ChartData = JSON.parse(element("data").textContent ?? "");
const plots = element("plots");

const charts = drawCharts(data);
const zoom = zooming({ plots, whole: element("whole"), charts, lastsMs: data.lastsMs });
followPointer({ plots, zoom, tell: moments(data, element("tooltip")) });
onPaper(plots, charts);
