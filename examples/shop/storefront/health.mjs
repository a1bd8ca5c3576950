// Exits 0 when the storefront answers: the service's healthcheck.
const response = await fetch(`http://127.0.0.1:${process.env.PORT ?? 3000}/healthz`);
process.exit(response.ok ? 0 : 1);
