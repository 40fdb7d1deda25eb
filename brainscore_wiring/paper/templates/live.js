// Asks the server that sent this page whether its tables have changed.
{
  let seen = null;
  setInterval(async () => {
    try {
      const now = await (await fetch("/changed")).text();
      if (seen !== null && seen !== now) location.reload();
      seen = now;
    } catch { /* the server has stopped; the page stays */ }
  }, 2000);
}
