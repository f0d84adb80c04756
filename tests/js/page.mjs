// A page for scripts under test: elements that can be made, found, changed and clicked; nothing is
// drawn.

const PART = /([#.]?[\w-]+)|\[([\w-]+)(?:=["']?([^"'\]]*)["']?)?\]/g;

/** Whether `element` itself is what a selector without spaces says. */
function fits(element, compound) {
  return [...compound.matchAll(PART)].every(([, name, attribute, value]) => {
    if (attribute)
      return (
        element.hasAttribute(attribute) &&
        (value === undefined || element.getAttribute(attribute) === value)
      );
    if (name[0] === "#") return element.id === name.slice(1);
    return name[0] === "." ? element.classList.contains(name.slice(1)) : element.tag === name;
  });
}

/** Whether `element` and those around it are what a selector with spaces says. */
function within(element, parts) {
  if (!fits(element, parts.at(-1))) return false;
  if (parts.length === 1) return true;
  for (let outer = element.parent; outer; outer = outer.parent)
    if (within(outer, parts.slice(0, -1))) return true;
  return false;
}

const matches = (element, selector) =>
  selector.split(",").some((each) => within(element, each.trim().split(/\s+/)));
const kebab = (name) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

class Element extends EventTarget {
  constructor(tag) {
    super();
    Object.assign(this, {
      tag,
      parent: null,
      childNodes: [],
      attributes: new Map(),
      properties: {},
      own: {},
    });
    this.style = {
      setProperty: (name, value) => {
        this.properties[name] = String(value);
      },
    };
    this.dataset = new Proxy(this, {
      get: (_, name) => this.attributes.get(`data-${kebab(name)}`),
      set: (_, name, value) => this.attributes.set(`data-${kebab(name)}`, String(value)),
    });
  }

  get classList() {
    const names = new Set((this.getAttribute("class") ?? "").split(/\s+/).filter(Boolean));
    const keep = () => this.setAttribute("class", [...names].join(" "));
    return {
      contains: (name) => names.has(name),
      add: (name) => {
        names.add(name);
        keep();
      },
      remove: (...gone) => {
        gone.forEach((name) => names.delete(name));
        keep();
      },
      toggle: (name, on = !names.has(name)) => {
        names[on ? "add" : "delete"](name);
        keep();
      },
    };
  }

  get className() {
    return this.getAttribute("class") ?? "";
  }
  set className(text) {
    this.setAttribute("class", text);
  }
  get id() {
    return this.getAttribute("id") ?? "";
  }
  get name() {
    return this.getAttribute("name") ?? "";
  }
  get type() {
    return this.getAttribute("type") ?? "";
  }
  get children() {
    return this.childNodes.filter((child) => child instanceof Element);
  }
  get childElementCount() {
    return this.children.length;
  }
  get firstElementChild() {
    return this.children[0] ?? null;
  }
  get textContent() {
    return this.childNodes.map((child) => child.textContent ?? child).join("");
  }
  set textContent(text) {
    this.replaceChildren(String(text));
  }
  get value() {
    return this.own.value ?? this.chosen?.getAttribute("value") ?? this.getAttribute("value") ?? "";
  }
  set value(text) {
    this.own.value = String(text);
  }
  get chosen() {
    return this.querySelector("option[selected]") ?? this.querySelector("option");
  }
  get elements() {
    const found = this.querySelectorAll("input, select, textarea");
    for (const input of found) found[input.name] ??= input;
    return found;
  }

  setAttribute(name, value) {
    this.attributes.set(name, String(value));
  }
  getAttribute(name) {
    return this.attributes.get(name) ?? null;
  }
  hasAttribute(name) {
    return this.attributes.has(name);
  }
  removeAttribute(name) {
    this.attributes.delete(name);
  }

  append(...nodes) {
    for (const node of nodes) {
      if (node instanceof Element) Object.assign(node, { parent: this });
      this.childNodes.push(node);
    }
  }

  replaceChildren(...nodes) {
    this.childNodes = [];
    this.append(...nodes);
  }

  replaceWith(node) {
    const { parent } = this;
    parent.childNodes[parent.childNodes.indexOf(this)] = Object.assign(node, { parent });
  }

  remove() {
    this.parent.childNodes = this.parent.childNodes.filter((node) => node !== this);
  }
  closest(selector) {
    return matches(this, selector) ? this : (this.parent?.closest(selector) ?? null);
  }
  querySelectorAll(selector) {
    return this.children.flatMap((child) => [
      ...(matches(child, selector) ? [child] : []),
      ...child.querySelectorAll(selector),
    ]);
  }
  querySelector(selector) {
    return this.querySelectorAll(selector)[0] ?? null;
  }
  click() {
    this.dispatchEvent(new Event("click", { cancelable: true }));
  }
  focus() {
    document.activeElement = this;
  }
  on() {}

  /** An event of this kind, at its target and at all around it. */
  say(kind) {
    const event = new Event(kind, { cancelable: true });
    Object.defineProperty(event, "target", { value: this });
    for (let element = this; element; element = element.parent) element.dispatchEvent(event);
  }
}

for (const name of ["hidden", "disabled", "checked", "open"]) {
  Object.defineProperty(Element.prototype, name, {
    get() {
      return this.own[name] ?? this.hasAttribute(name);
    },
    set(on) {
      this.own[name] = on;
    },
  });
}

/** What was sent: fields by name, of a form where one is given. */
class Fields extends Map {
  constructor(form) {
    super(
      [...(form?.elements ?? [])]
        .filter((input) => input.name)
        .map((input) => [input.name, input.value]),
    );
  }

  append(name, value) {
    this.set(name, value);
  }
}

/**
 * Puts an empty page in place; `plotly` notes what is drawn, `asked` what is fetched, `answer(url)`
 * gives {status, json}.
 */
export function openPage() {
  const page = {
    drawn: [],
    asked: [],
    timers: [],
    watchers: [],
    answer: () => ({ status: 200, json: {} }),
  };
  const body = new Element("body");
  const window = Object.assign(new EventTarget(), {
    location: { search: "", reload: () => {} },
    Plotly: {
      react: async (element, data, layout, config) =>
        page.drawn.push({ element, data, layout, config }),
      purge: () => {},
    },
    setTimeout: (work) => page.timers.push(work),
    clearTimeout: () => {},
  });
  const fetch = async (url, options = {}) => {
    page.asked.push({ url, ...options });
    const { status = 200, json, buffer } = await page.answer(url, options);
    return {
      ok: status < 400,
      status,
      headers: new Map([["content-type", "application/json"]]),
      json: async () => json,
      arrayBuffer: async () => buffer,
    };
  };
  Object.assign(globalThis, {
    document: {
      body,
      documentElement: body,
      activeElement: null,
      createElement: (tag) => new Element(tag),
      createElementNS: (_, tag) => new Element(tag),
      querySelector: (each) => body.querySelector(each),
      querySelectorAll: (each) => body.querySelectorAll(each),
    },
    window,
    fetch,
    FormData: Fields,
    CSS: { escape: (text) => text },
    getComputedStyle: () => ({
      getPropertyValue: (name) =>
        /diverging|sequential|symbols/.test(name) ? "#000000 #ffffff" : name,
    }),
    IntersectionObserver: class {
      constructor(seen) {
        this.seen = seen;
        page.watchers.push(this);
      }
      observe() {}
    },
  });
  return Object.assign(page, { body, window });
}

/** Waits until everything that was asked for has been answered and shown. */
export const settled = () =>
  new Promise((resolve) => {
    setImmediate(resolve);
  });

/** Texts of all elements that fit the selector. */
export const texts = (selector, root = document) =>
  root.querySelectorAll(selector).map((element) => element.textContent);
