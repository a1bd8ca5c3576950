FROM ruby:3.1
WORKDIR /app
COPY . .
USER nobody
EXPOSE 8000
CMD ["ruby", "server.rb"]
