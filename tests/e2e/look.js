// What is wrong with how this page looks: one sentence per fault, none when all is well.
async () => {
  // What waits for an answer is disabled and fades back in: in between it is too faint for anybody.
  const isChanging = () =>
    document.querySelector(".htmx-request") ||
    document.getAnimations().some((one) => one instanceof CSSTransition);
  for (let frame = 0; frame < 300 && isChanging(); frame++) {
    await new Promise(requestAnimationFrame);
  }

  const LEAST_CONTRAST = 4.5;
  const LEAST_CONTRAST_LARGE = 3;

  const painter = Object.assign(document.createElement("canvas"), { width: 1, height: 1 });
  const brush = painter.getContext("2d", { willReadFrequently: true });

  function colour(css) {
    brush.clearRect(0, 0, 1, 1);
    brush.fillStyle = css;
    brush.fillRect(0, 0, 1, 1);
    const [red, green, blue, alpha] = brush.getImageData(0, 0, 1, 1).data;
    return { channels: [red, green, blue], alpha: alpha / 255 };
  }

  const over = (front, back) =>
    front.channels.map((channel, i) => channel * front.alpha + back[i] * (1 - front.alpha));

  const ancestors = (element) =>
    element ? [element, ...ancestors(element.parentElement)] : [];

  function ground(element) {
    const layers = ancestors(element).map((one) => colour(getComputedStyle(one).backgroundColor));
    return layers.reduceRight((back, layer) => over(layer, back), [255, 255, 255]);
  }

  function luminance(channels) {
    const [red, green, blue] = channels.map((channel) => {
      const part = channel / 255;
      return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  }

  function contrast(element) {
    const back = ground(element);
    const text = colour(getComputedStyle(element).color);
    text.alpha *= ancestors(element).reduce((all, one) => all * getComputedStyle(one).opacity, 1);
    const [dark, light] = [luminance(over(text, back)), luminance(back)].sort((a, b) => a - b);
    return (light + 0.05) / (dark + 0.05);
  }

  function isLarge(element) {
    const { fontSize, fontWeight } = getComputedStyle(element);
    return parseFloat(fontSize) >= 24 || (parseFloat(fontSize) >= 18.66 && fontWeight >= 700);
  }

  const isSeen = (element) =>
    element.checkVisibility({ opacityProperty: true, visibilityProperty: true }) &&
    !element.closest("[disabled], noscript, template");

  function* faintTexts() {
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      const words = texts.currentNode.textContent.trim();
      const element = texts.currentNode.parentElement;
      if (!words || !isSeen(element)) continue;
      const least = isLarge(element) ? LEAST_CONTRAST_LARGE : LEAST_CONTRAST;
      const found = contrast(element);
      if (found < least) yield `"${words.slice(0, 40)}" has a contrast of ${found.toFixed(2)}`;
    }
  }

  function* tooWide() {
    const width = document.documentElement.clientWidth;
    const scrolls = (element) => getComputedStyle(element).overflowX !== "visible";
    for (const element of document.body.querySelectorAll("*")) {
      const { right, width: own } = element.getBoundingClientRect();
      if (!own || right <= width + 1 || !isSeen(element)) continue;
      if (ancestors(element.parentElement).some(scrolls)) continue;
      yield `<${element.localName} class="${element.className}"> ends at ${right} of ${width}`;
    }
  }

  const hasName = (element) =>
    element.labels?.length ||
    element.textContent.trim() ||
    element.ariaLabel ||
    element.getAttribute("aria-labelledby");

  function* nameless() {
    const controls = "a[href], button, select, textarea, input:not([type=hidden])";
    for (const element of document.querySelectorAll(controls)) {
      if (!hasName(element)) yield `${element.outerHTML.slice(0, 90)} has no name`;
    }
  }

  function* twice() {
    const ids = [...document.querySelectorAll("[id]")].map((element) => element.id);
    for (const id of ids.filter((one, i) => ids.indexOf(one) !== i)) yield `id ${id} is there twice`;
  }

  function* headings() {
    const count = document.querySelectorAll("h1").length;
    if (count !== 1) yield `there are ${count} first-level headings`;
  }

  return [...new Set([...faintTexts(), ...tooWide(), ...nameless(), ...twice(), ...headings()])];
};
