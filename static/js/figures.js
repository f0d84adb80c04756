// The one door to the figure builders: each is pure, data and palette in, Plotly {data, layout} out.

export { curvesFigure } from "./figures/curves.js";
export { diversityFigure } from "./figures/diversity.js";
export { heatmapFigure } from "./figures/heatmap.js";
export { lineageFigure } from "./figures/lineage.js";
export { networkFigure } from "./figures/network.js";
export { priceFigure } from "./figures/price.js";
export { waterfallFigure } from "./figures/waterfall.js";
export { whatifFigure } from "./figures/whatif.js";
