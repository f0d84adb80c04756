// The one door to the figure builders: each is pure, data and palette in, Plotly {data, layout} out.

export { curvesFigure } from "./curves.js";
export { diversityFigure } from "./diversity.js";
export { heatmapFigure } from "./heatmap.js";
export { lineageFigure } from "./lineage.js";
export { networkFigure } from "./network.js";
export { priceFigure } from "./price.js";
export { waterfallFigure } from "./waterfall.js";
export { whatifFigure } from "./whatif.js";
