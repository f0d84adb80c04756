// The parts of plotly.js that the figures use. Core brings scatter with it; a trace whose part is
// missing is drawn as scatter, without a word (tests/journeys/test_plotly.py).

const Plotly = require("plotly.js/lib/core");

Plotly.register([
  require("plotly.js/lib/bar"),
  require("plotly.js/lib/heatmap"),
  require("plotly.js/lib/candlestick"),
  require("plotly.js/lib/waterfall"),
]);

module.exports = Plotly;
