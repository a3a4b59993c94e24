// jsdom lays nothing out: an element is as high as its style says, so that lists know what is in sight.
if (typeof HTMLElement !== "undefined") {
  Object.defineProperty(HTMLElement.prototype, "clientHeight", {
    get(this: HTMLElement) {
      return Number.parseFloat(this.style.height) || 0;
    },
  });
  Object.defineProperty(HTMLElement.prototype, "clientWidth", { get: () => 600 });
}
