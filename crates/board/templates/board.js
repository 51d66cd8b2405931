"use strict";
// Puts in place what the server sends: it has rendered and escaped all of it. What is left to do here is to see that the board stands
// still, to keep the focus, to pause, and to tell a screen reader what is new, and not too often.
const SILENT = 2000, LOOK = 250, SPEAK = 5000, HIDDEN = 30000, AGAIN = 1500;
const at = (id) => document.getElementById(id);
const words = document.body.dataset;
const live = at("how").textContent;
const pause = at("pause").textContent;
const clock = (time) => new Date(time).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false });

let stream = null;        // the open stream
let heard = Date.now();   // when something came last, by this browser's clock
let told = null;          // what the last frame said of itself
let paused = null;        // the parts that came since the pause
let spoken = 0;

function times(part) {
  for (const time of part.querySelectorAll("time[datetime]")) time.textContent = clock(time.dateTime);
}

function put(id, html) {
  const part = at(id);
  if (!part) return;
  const focused = part.contains(document.activeElement) ? document.activeElement.id : "";
  part.innerHTML = html;
  times(part);
  if (focused && at(focused)) at(focused).focus();
}

// One sentence at most in five seconds, and none twice.
function speak() {
  const newest = document.querySelector("#story li .says");
  const text = newest ? newest.textContent : "";
  if (paused || text === at("say").textContent || Date.now() - spoken < SPEAK) return;
  spoken = Date.now();
  at("say").textContent = text;
}

function show() {
  const silent = Date.now() - heard > SILENT;
  const frozen = silent ? words.lost : told && told.frozen;
  const since = silent ? heard : told && told.since;
  document.body.classList.toggle("frozen", Boolean(frozen));
  document.body.classList.toggle("paused", Boolean(paused));
  const text = frozen ? frozen + " " + words.since.replace("…", clock(since)) : "";
  if (at("stopped").textContent !== text) at("stopped").textContent = text;
  const how = frozen ? "" : paused ? words.paused : live;
  if (at("how").textContent !== how) at("how").textContent = how;
  if (!frozen && !paused && told) at("clock").textContent = clock(told.at);
  speak();
}

function open() {
  if (stream) stream.close();
  stream = new EventSource("/events");
  stream.onmessage = (event) => {
    const update = JSON.parse(event.data);
    heard = Date.now();
    told = update;
    if (paused) Object.assign(paused, update.parts);
    else for (const [id, html] of Object.entries(update.parts)) put(id, html);
    show();
  };
  stream.onerror = () => { if (stream.readyState === EventSource.CLOSED) setTimeout(reopen, AGAIN); };
}

function reopen() {
  if (!document.hidden && (!stream || stream.readyState === EventSource.CLOSED)) open();
}

at("pause").addEventListener("click", () => {
  if (paused) {
    for (const [id, html] of Object.entries(paused)) put(id, html);
    paused = null;
  } else paused = {};
  at("pause").textContent = paused ? words.goOn : pause;
  show();
});

document.addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = event.target.querySelector("button");
  const body = new URLSearchParams(new FormData(event.target));
  const answer = await fetch("/break", { method: "POST", body }).catch(() => null);
  spoken = Date.now();
  at("say").textContent = answer && answer.ok ? words.sent : words.unsent;
  button.focus();
});

// A tab that nobody sees lets its connection go; browsers have six for one place.
let leave = 0;
document.addEventListener("visibilitychange", () => {
  clearTimeout(leave);
  if (document.hidden) leave = setTimeout(() => { stream.close(); stream = null; }, HIDDEN);
  else reopen();
});

// The address is in the history, on the projector and in screenshots: the cookie is enough from here on.
if (location.search) history.replaceState(null, "", location.pathname);
times(document);
open();
setInterval(show, LOOK);
