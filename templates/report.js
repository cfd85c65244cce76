// Filters the findings and keeps the filter in the address, so that a view can be sent. Without scripts everything is there, unfiltered.
(function () {
  "use strict";
  var form = document.getElementById("filter");
  if (!form) { return; }
  var section = document.getElementById("findings");
  var outcome = document.getElementById("filter-outcome");
  var names = ["q", "severity", "result", "check", "provider", "owner"];
  var prefix = "#findings?";
  // Groups opened for a filter; more rows than this stay closed until asked for.
  var most = 500;

  var groups = Array.prototype.map.call(section.querySelectorAll("details.group"), function (element) {
    return { element: element, open: element.open, facts: element.dataset, rows: null,
      chunks: Array.prototype.slice.call(element.querySelectorAll(".chunk")),
      title: element.querySelector("summary").textContent.toLowerCase(),
      size: element.querySelectorAll("tbody tr").length };
  });
  var parts = Array.prototype.slice.call(section.querySelectorAll(".by-severity"));
  var all = groups.reduce(function (sum, group) { return sum + group.size; }, 0);

  // Texts of the rows of a group, read once and only when a filter needs them.
  function rowsOf(group) {
    if (!group.rows) {
      group.rows = Array.prototype.map.call(group.element.querySelectorAll("tbody tr"), function (row) {
        var provider = row.cells[1].firstChild;
        return { element: row, text: row.textContent.toLowerCase(),
          provider: provider ? provider.textContent : "", owner: row.cells[2].textContent.toLowerCase() };
      });
    }
    return group.rows;
  }

  function asked() {
    var filter = {};
    names.forEach(function (name) { filter[name] = form.elements[name].value.trim(); });
    return filter;
  }

  function apply() {
    var filter = asked();
    var words = filter.q.toLowerCase().split(/\s+/).filter(Boolean);
    var owner = filter.owner.toLowerCase();
    var any = names.some(function (name) { return filter[name] !== ""; });
    var byRow = words.length > 0 || owner !== "" || filter.provider !== "";
    var shown = 0;
    groups.forEach(function (group) {
      var fits = (!filter.severity || group.facts.severity === filter.severity) &&
        (!filter.result || group.facts.result === filter.result) &&
        (!filter.check || group.facts.check === filter.check);
      var count = 0;
      if (fits && byRow) {
        rowsOf(group).forEach(function (row) {
          var keep = (!filter.provider || row.provider === filter.provider) &&
            (!owner || row.owner.indexOf(owner) >= 0) &&
            words.every(function (word) { return row.text.indexOf(word) >= 0 || group.title.indexOf(word) >= 0; });
          if (row.element.hidden === keep) { row.element.hidden = !keep; }
          if (keep) { count += 1; }
        });
      } else if (fits) {
        count = group.size;
        if (group.rows) { group.rows.forEach(function (row) { if (row.element.hidden) { row.element.hidden = false; } }); }
      }
      group.chunks.forEach(function (chunk) {
        chunk.hidden = byRow && fits && !chunk.querySelector("tbody tr:not([hidden])");
      });
      group.element.hidden = count === 0;
      group.element.open = any ? (group.open || count <= most) : group.open;
      shown += count;
    });
    parts.forEach(function (part) { part.hidden = !part.querySelector("details.group:not([hidden])"); });
    outcome.textContent = any ? shown.toLocaleString("en") + " of " + all.toLocaleString("en") + " lines shown" : "";
    var query = new URLSearchParams();
    names.forEach(function (name) { if (filter[name]) { query.set(name, filter[name]); } });
    var wanted = any ? prefix + query.toString() : "#findings";
    if (location.hash !== wanted && (any || location.hash.indexOf(prefix) === 0)) { history.replaceState(null, "", wanted); }
  }

  function fromAddress() {
    if (location.hash.indexOf(prefix) !== 0) { return; }
    var query = new URLSearchParams(location.hash.slice(prefix.length));
    names.forEach(function (name) {
      var field = form.elements[name];
      field.value = query.get(name) || "";
    });
    apply();
    section.scrollIntoView();
  }

  // A link to a group opens it, also when it was closed or filtered away.
  function reveal() {
    var target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (target && target.matches("details.group")) {
      if (target.hidden) { form.reset(); apply(); }
      target.open = true;
      target.scrollIntoView();
    }
  }

  // Each owner leads to the findings of their tokens.
  Array.prototype.forEach.call(document.querySelectorAll("#owners tbody th bdi"), function (name) {
    var link = document.createElement("a");
    link.href = prefix + new URLSearchParams({ owner: name.textContent }).toString();
    name.parentNode.insertBefore(link, name);
    link.appendChild(name);
  });

  var waiting = 0;
  form.addEventListener("input", function () { clearTimeout(waiting); waiting = setTimeout(apply, 120); });
  form.addEventListener("change", apply);
  form.addEventListener("submit", function (event) { event.preventDefault(); apply(); });
  form.addEventListener("reset", function () { setTimeout(apply, 0); });
  window.addEventListener("hashchange", function () { fromAddress(); reveal(); });
  form.hidden = false;
  fromAddress();
  reveal();
})();
