// Draws the charts as SVG when they come near the screen, in the colours of the page.
{
  const specifications = JSON.parse(document.getElementById("specifications").textContent);
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const colour = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const config = () => {
    const ink = colour("--ink"), line = colour("--line");
    return {
      background: null,
      font: "system-ui, DejaVu Sans, sans-serif",
      axis: {labelColor: ink, titleColor: ink, domainColor: line, tickColor: line, gridColor: line, gridOpacity: 0.5, titleFontWeight: "normal"},
      legend: {labelColor: ink, titleColor: ink, symbolSize: 70},
      title: {color: ink},
      view: {stroke: line},
    };
  };
  const draw = place => vegaEmbed(place, specifications[place.dataset.chart], {
    renderer: "svg", config: config(), actions: false, tooltip: {theme: dark.matches ? "dark" : "light"},
  }).then(() => { place.dataset.drawn = "yes"; });
  const watcher = new IntersectionObserver(entries => {
    for (const entry of entries) if (entry.isIntersecting) { watcher.unobserve(entry.target); draw(entry.target); }
  }, {rootMargin: "600px"});
  const places = document.querySelectorAll("[data-chart]");
  places.forEach(place => watcher.observe(place));
  dark.addEventListener("change", () => places.forEach(place => place.dataset.drawn && draw(place)));
  addEventListener("beforeprint", () => places.forEach(place => place.dataset.drawn || draw(place)));
}
