// Shows what the server pushes, and opens it. Keeps nothing and stands in no page's way.

self.addEventListener("push", (event) => {
  let said = {};
  try {
    said = event.data?.json() ?? {};
  } catch {
    // Without words there is still something new.
  }
  event.waitUntil(
    self.registration.showNotification(said.title || "Something new", {
      body: said.body || "",
      icon: said.icon || undefined,
      badge: "/assets/icon-192.png",
      tag: said.notification_id ? `notification-${said.notification_id}` : undefined,
      data: { path: said.path || "/notifications" },
    }),
  );
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const to = new URL(event.notification.data.path, self.location.origin);
  if (to.origin !== self.location.origin) return;
  event.waitUntil(
    (async () => {
      const open = await self.clients.matchAll({ type: "window" });
      const page = open.find((one) => "navigate" in one);
      if (!page) return self.clients.openWindow(to.href);
      await page.focus();
      return page.navigate(to.href);
    })(),
  );
});
