// Keys, focus and announcements; every page works without this file.
(function () {
  "use strict";
  var doc = document;

  function typing(target) {
    return /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) || target.isContentEditable;
  }

  function inside(part, selector) {
    return part.matches(selector) ? part : part.querySelector(selector);
  }

  function rows() {
    return Array.prototype.slice.call(doc.querySelectorAll("[data-rows] tbody a[data-row], [data-rows] tbody th a"));
  }

  function step(by) {
    var all = rows();
    if (!all.length) { return; }
    var at = all.indexOf(doc.activeElement);
    all[at < 0 ? (by > 0 ? 0 : all.length - 1) : Math.max(0, Math.min(all.length - 1, at + by))].focus();
  }

  doc.addEventListener("keydown", function (event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) { return; }
    if (event.key === "Escape") {
      var open = doc.querySelector("details[open].me, details[open].filter-box");
      if (open) { open.open = false; open.querySelector("summary").focus(); }
      return;
    }
    if (typing(event.target)) { return; }
    if (event.key === "/") {
      var find = doc.getElementById("find");
      if (find) { event.preventDefault(); find.focus(); find.select(); }
    } else if (event.key === "j" || event.key === "k") {
      step(event.key === "j" ? 1 : -1);
    } else {
      var named = doc.querySelector('[data-key="' + event.key.replace(/["\\]/g, "") + '"]:not([disabled])');
      if (named) { event.preventDefault(); named.click(); }
    }
  });

  doc.addEventListener("click", function (event) {
    var print = event.target.closest("[data-print]");
    if (print) { window.print(); return; }
    var fill = event.target.closest("[data-fill]");
    if (fill) {
      var name = doc.querySelector("input[name=username]");
      name.value = fill.getAttribute("data-fill");
      doc.querySelector("input[name=password]").value = fill.getAttribute("data-password");
      doc.querySelector(".form button[type=submit]").focus();
    }
    Array.prototype.forEach.call(doc.querySelectorAll("details[open].me, details[open].filter-box"), function (box) {
      if (!box.contains(event.target)) { box.open = false; }
    });
  });

  // A table wider than its box is scrolled with the keyboard too, so the box takes focus and says what it holds.
  function reachable() {
    Array.prototype.forEach.call(doc.querySelectorAll(".table-box"), function (box) {
      var caption = box.querySelector("caption, thead");
      if (box.scrollWidth > box.clientWidth) {
        box.tabIndex = 0;
        box.setAttribute("role", "region");
        box.setAttribute("aria-label", caption ? caption.textContent.trim().replace(/\s+/g, " ") : doc.title);
      } else {
        ["tabindex", "role", "aria-label"].forEach(function (name) { box.removeAttribute(name); });
      }
    });
  }
  reachable();
  window.addEventListener("resize", reachable);

  // A swap keeps the place of the reader: focus goes to what the answer marks, and one line says what happened.
  doc.addEventListener("htmx:afterSwap", function (event) {
    var part = event.detail.elt;
    var mark = inside(part, "[data-focus]");
    var says = inside(part, "[data-says]");
    if (mark) { mark.focus(); }
    if (says) { doc.getElementById("said").textContent = says.getAttribute("data-says"); }
    reachable();
  });
})();
