FROM node:20
WORKDIR /app
COPY . .
USER nobody
EXPOSE 8000
CMD ["node", "server.mjs"]
