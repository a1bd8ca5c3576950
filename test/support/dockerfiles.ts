/** Two slow ones of each ecosystem: the files at the top, the Dockerfile, and the lines that the change puts first. */
export const SLOW: readonly (readonly [name: string, files: string[], text: string, expected: string[]])[] = [
  [
    'npm ci',
    ['package.json', 'package-lock.json', 'src/'],
    'FROM node:24\nWORKDIR /app\nCOPY . .\nRUN npm ci\nUSER node\nCMD ["node", "."]\n',
    ['COPY package.json package-lock.json ./', 'RUN npm ci', 'COPY . .'],
  ],
  [
    'npm with a build',
    ['package.json', 'src/'],
    'FROM node:24\nCOPY . /app\nWORKDIR /app\nRUN npm install && npm run build\nUSER node\nCMD ["node", "."]\n',
    ['WORKDIR /app', 'COPY package.json /app/', 'RUN npm install', 'COPY . /app', 'RUN npm run build'],
  ],
  [
    'yarn',
    ['package.json', 'yarn.lock'],
    'FROM node:24\nCOPY . .\nRUN yarn install --frozen-lockfile\nUSER node\nCMD ["yarn", "start"]\n',
    ['COPY package.json yarn.lock ./', 'RUN yarn install --frozen-lockfile', 'COPY . .'],
  ],
  [
    'yarn alone',
    ['package.json', 'yarn.lock', '.yarnrc.yml'],
    'FROM node:24\nCOPY --chown=node . .\nUSER node\nRUN yarn\nCMD ["yarn", "start"]\n',
    [
      'USER node',
      'COPY --chown=node package.json yarn.lock .yarnrc.yml ./',
      'RUN yarn',
      'COPY --chown=node . .',
    ],
  ],
  [
    'pnpm',
    ['package.json', 'pnpm-lock.yaml'],
    'FROM node:24\nCOPY . .\nRUN pnpm install --frozen-lockfile\nUSER node\nCMD ["node", "."]\n',
    ['COPY package.json pnpm-lock.yaml ./', 'RUN pnpm install --frozen-lockfile', 'COPY . .'],
  ],
  [
    'pnpm behind corepack',
    ['package.json', 'pnpm-lock.yaml', 'patches/'],
    'FROM node:24\nCOPY . .\nRUN corepack enable && pnpm i\nUSER node\nCMD ["node", "."]\n',
    [
      'COPY package.json pnpm-lock.yaml ./',
      'COPY patches ./patches',
      'RUN corepack enable && pnpm i',
      'COPY . .',
    ],
  ],
  [
    'pip',
    ['requirements.txt', 'app/'],
    'FROM python:3.13\nCOPY . .\nRUN pip install -r requirements.txt\nUSER app\nCMD ["python", "-m", "app"]\n',
    ['COPY requirements.txt ./', 'RUN pip install -r requirements.txt', 'COPY . .'],
  ],
  [
    'pip of a folder',
    ['web/', 'web/requirements.txt'],
    'FROM python:3.13\nCOPY web /srv\nWORKDIR /srv\nRUN python -m pip install --no-cache-dir -r requirements.txt\nUSER app\nCMD ["gunicorn"]\n',
    [
      'WORKDIR /srv',
      'COPY web/requirements.txt /srv/',
      'RUN python -m pip install --no-cache-dir -r requirements.txt',
      'COPY web /srv',
    ],
  ],
  [
    'poetry',
    ['pyproject.toml', 'poetry.lock'],
    'FROM python:3.13\nCOPY . .\nRUN poetry install --only main\nUSER app\nCMD ["app"]\n',
    [
      'COPY pyproject.toml poetry.lock ./',
      'RUN poetry install --no-root',
      'COPY . .',
      'RUN poetry install --only main',
    ],
  ],
  [
    'poetry, once installed',
    ['pyproject.toml', 'poetry.lock'],
    'FROM python:3.13\nRUN pip install poetry==2\nADD . /app\nWORKDIR /app\nRUN poetry install\nUSER app\nCMD ["app"]\n',
    [
      'WORKDIR /app',
      'COPY pyproject.toml poetry.lock /app/',
      'RUN poetry install --no-root',
      'ADD . /app',
      'RUN poetry install',
    ],
  ],
  [
    'uv',
    ['pyproject.toml', 'uv.lock'],
    'FROM python:3.13\nCOPY . .\nRUN uv sync --frozen\nUSER app\nCMD ["app"]\n',
    [
      'COPY pyproject.toml uv.lock ./',
      'RUN uv sync --no-install-project',
      'COPY . .',
      'RUN uv sync --frozen',
    ],
  ],
  [
    'uv with a mount',
    ['pyproject.toml', 'uv.lock'],
    'FROM python:3.13\nCOPY . .\nRUN --mount=type=cache,target=/root/.cache/uv uv sync\nUSER app\nCMD ["app"]\n',
    [
      'COPY pyproject.toml uv.lock ./',
      'RUN --mount=type=cache,target=/root/.cache/uv uv sync --no-install-project',
      'COPY . .',
    ],
  ],
  [
    'bundler',
    ['Gemfile', 'Gemfile.lock'],
    'FROM ruby:3.3\nCOPY . .\nRUN bundle install\nUSER app\nCMD ["rails", "s"]\n',
    ['COPY Gemfile Gemfile.lock ./', 'RUN bundle install', 'COPY . .'],
  ],
  [
    'bundler with settings',
    ['Gemfile', 'Gemfile.lock'],
    'FROM ruby:3.3\nCOPY . /app\nWORKDIR /app\nENV RAILS_ENV=production\nRUN bundle config set without dev && bundle install\nUSER app\nCMD ["puma"]\n',
    [
      'WORKDIR /app',
      'ENV RAILS_ENV=production',
      'COPY Gemfile Gemfile.lock /app/',
      'RUN bundle config set without dev && bundle install',
      'COPY . /app',
    ],
  ],
  [
    'Go',
    ['go.mod', 'go.sum', 'main.go'],
    'FROM golang:1.24 AS b\nCOPY . .\nRUN go build -o /out .\nFROM scratch\nCOPY --from=b /out /\nUSER 1\nCMD ["/out"]\n',
    ['COPY go.mod go.sum ./', 'RUN go mod download', 'COPY . .', 'RUN go build -o /out .'],
  ],
  [
    'Go, without sums',
    ['go.mod', 'cmd/'],
    'FROM golang:1.24\nWORKDIR /src\nCOPY ./ ./\nRUN go mod download\nRUN go build ./cmd\nUSER 1\nCMD ["./cmd"]\n',
    ['COPY go.mod ./', 'RUN go mod download', 'COPY ./ ./'],
  ],
  [
    'Maven',
    ['pom.xml', 'src/'],
    'FROM maven:3 AS b\nCOPY . .\nRUN mvn -B package\nUSER app\nCMD ["java"]\n',
    ['COPY pom.xml ./', 'RUN mvn -B dependency:go-offline', 'COPY . .', 'RUN mvn -B package'],
  ],
  [
    'Maven wrapper',
    ['pom.xml', 'mvnw', '.mvn/'],
    'FROM eclipse-temurin:21\nCOPY . .\nRUN ./mvnw package\nUSER app\nCMD ["java"]\n',
    ['COPY pom.xml mvnw ./', 'COPY .mvn ./.mvn', 'RUN ./mvnw -B dependency:go-offline', 'COPY . .'],
  ],
  [
    'Gradle',
    ['build.gradle', 'settings.gradle', 'src/'],
    'FROM gradle:8\nCOPY . .\nRUN gradle build\nUSER gradle\nCMD ["java"]\n',
    ['COPY build.gradle settings.gradle ./', 'RUN gradle dependencies', 'COPY . .'],
  ],
  [
    'Gradle wrapper',
    ['build.gradle.kts', 'gradlew', 'gradle/'],
    'FROM eclipse-temurin:21\nCOPY . .\nRUN ./gradlew bootJar\nUSER app\nCMD ["java"]\n',
    ['COPY build.gradle.kts gradlew ./', 'COPY gradle ./gradle', 'RUN ./gradlew dependencies', 'COPY . .'],
  ],
  [
    'Cargo',
    ['Cargo.toml', 'Cargo.lock', 'src/'],
    'FROM rust:1 AS b\nCOPY . .\nRUN cargo build --release\nFROM debian:12\nCOPY --from=b /target /\nUSER 1\nCMD ["/app"]\n',
    [
      'COPY Cargo.toml Cargo.lock ./',
      'RUN mkdir -p src && touch src/lib.rs && cargo fetch && rm -r src',
      'COPY . .',
    ],
  ],
  [
    'Cargo install',
    ['Cargo.toml', 'src/'],
    'FROM rust:1\nADD . .\nRUN cargo install --path .\nUSER 1\nCMD ["app"]\n',
    ['COPY Cargo.toml ./', 'RUN mkdir -p src && touch src/lib.rs && cargo fetch && rm -r src', 'ADD . .'],
  ],
  [
    'Composer',
    ['composer.json', 'composer.lock'],
    'FROM php:8\nCOPY . .\nRUN composer install --no-dev --no-scripts\nUSER www-data\nCMD ["php"]\n',
    ['COPY composer.json composer.lock ./', 'RUN composer install --no-dev --no-scripts', 'COPY . .'],
  ],
  [
    'Composer with a step after it',
    ['composer.json'],
    'FROM php:8\nCOPY . .\nRUN composer install --no-scripts && php artisan optimize\nUSER www-data\nCMD ["php"]\n',
    ['COPY composer.json ./', 'RUN composer install --no-scripts', 'COPY . .', 'RUN php artisan optimize'],
  ],
];

/** Two good ones of each. */
export const GOOD: readonly (readonly [name: string, files: string[], text: string])[] = [
  [
    'npm',
    ['package.json', 'package-lock.json'],
    'FROM node:24\nCOPY package*.json ./\nRUN npm ci\nCOPY . .\nUSER node\nCMD ["node", "."]\n',
  ],
  [
    'npm of a tool',
    ['package.json'],
    'FROM node:24\nCOPY . .\nRUN npm install -g serve\nUSER node\nCMD ["serve"]\n',
  ],
  [
    'yarn',
    ['package.json', 'yarn.lock'],
    'FROM node:24\nCOPY package.json yarn.lock ./\nRUN yarn install\nCOPY . .\nUSER node\nCMD ["yarn", "start"]\n',
  ],
  [
    'yarn only as the start',
    ['package.json', 'yarn.lock'],
    'FROM node:24\nCOPY src src\nUSER node\nCMD ["yarn", "start"]\n',
  ],
  [
    'pnpm',
    ['package.json', 'pnpm-lock.yaml'],
    'FROM node:24\nCOPY package.json pnpm-lock.yaml ./\nRUN pnpm i --frozen-lockfile\nCOPY . .\nUSER node\nCMD ["node"]\n',
  ],
  [
    'pnpm fetch',
    ['package.json', 'pnpm-lock.yaml'],
    'FROM node:24\nCOPY pnpm-lock.yaml ./\nRUN pnpm fetch\nCOPY . .\nRUN pnpm install --offline\nUSER node\nCMD ["node"]\n',
  ],
  [
    'pip',
    ['requirements.txt'],
    'FROM python:3.13\nCOPY requirements.txt .\nRUN pip install -r requirements.txt\nCOPY . .\nUSER app\nCMD ["python"]\n',
  ],
  [
    'pip with a bind mount',
    ['requirements.txt'],
    'FROM python:3.13\nRUN --mount=type=bind,source=requirements.txt,target=/r.txt pip install -r /r.txt\nCOPY . .\nUSER app\nCMD ["python"]\n',
  ],
  [
    'poetry',
    ['pyproject.toml', 'poetry.lock'],
    'FROM python:3.13\nCOPY pyproject.toml poetry.lock ./\nRUN poetry install --no-root\nCOPY . .\nRUN poetry install --only-root\nUSER app\nCMD ["app"]\n',
  ],
  [
    'poetry, nothing else',
    ['pyproject.toml', 'poetry.lock'],
    'FROM python:3.13\nCOPY pyproject.toml poetry.lock ./\nRUN poetry install\nUSER app\nCMD ["app"]\n',
  ],
  [
    'uv',
    ['pyproject.toml', 'uv.lock'],
    'FROM python:3.13\nCOPY pyproject.toml uv.lock ./\nRUN uv sync --no-install-project\nCOPY . .\nRUN uv sync\nUSER app\nCMD ["app"]\n',
  ],
  [
    'uv pip',
    ['requirements.txt'],
    'FROM python:3.13\nCOPY requirements.txt .\nRUN uv pip install -r requirements.txt\nCOPY . .\nUSER app\nCMD ["app"]\n',
  ],
  [
    'bundler',
    ['Gemfile', 'Gemfile.lock'],
    'FROM ruby:3.3\nCOPY Gemfile* ./\nRUN bundle install\nCOPY . .\nUSER app\nCMD ["puma"]\n',
  ],
  ['a gem alone', ['worker.rb'], 'FROM ruby:3.3\nCOPY . .\nUSER app\nCMD ["ruby", "worker.rb"]\n'],
  [
    'Go',
    ['go.mod', 'go.sum'],
    'FROM golang:1.24\nCOPY go.* ./\nRUN go mod download\nCOPY . .\nRUN go build\nUSER 1\nCMD ["/x"]\n',
  ],
  [
    'Go without modules',
    ['main.go'],
    'FROM golang:1.24\nCOPY . .\nRUN go build -o /x main.go\nUSER 1\nCMD ["/x"]\n',
  ],
  [
    'Maven',
    ['pom.xml', 'src/'],
    'FROM maven:3\nCOPY pom.xml .\nRUN mvn -B dependency:go-offline\nCOPY src src\nRUN mvn -B package\nUSER 1\nCMD ["java"]\n',
  ],
  [
    'Maven, built outside',
    ['pom.xml', 'app.jar'],
    'FROM eclipse-temurin:21\nCOPY app.jar .\nUSER 1\nCMD ["java", "-jar", "app.jar"]\n',
  ],
  [
    'Gradle',
    ['build.gradle'],
    'FROM gradle:8\nCOPY build.gradle .\nRUN gradle dependencies\nCOPY . .\nRUN gradle build\nUSER 1\nCMD ["java"]\n',
  ],
  [
    'Gradle, only the source',
    ['build.gradle', 'src/'],
    'FROM gradle:8\nCOPY build.gradle .\nRUN gradle build\nCOPY src src\nUSER 1\nCMD ["java"]\n',
  ],
  [
    'Cargo',
    ['Cargo.toml', 'Cargo.lock'],
    'FROM rust:1\nCOPY Cargo.* ./\nRUN mkdir src && touch src/lib.rs && cargo fetch\nCOPY . .\nRUN cargo build\nUSER 1\nCMD ["/x"]\n',
  ],
  [
    'Cargo with chef',
    ['Cargo.toml'],
    'FROM rust:1\nCOPY recipe.json .\nRUN cargo chef cook --recipe-path recipe.json\nCOPY . .\nRUN cargo build\nUSER 1\nCMD ["/x"]\n',
  ],
  [
    'Composer',
    ['composer.json', 'composer.lock'],
    'FROM php:8\nCOPY composer.* ./\nRUN composer install --no-scripts\nCOPY . .\nUSER www-data\nCMD ["php"]\n',
  ],
  [
    'Composer from its own stage',
    ['composer.json'],
    'FROM composer:2 AS deps\nCOPY composer.json .\nRUN composer install\nFROM php:8\nCOPY --from=deps /app/vendor vendor\nCOPY . .\nUSER www-data\nCMD ["php"]\n',
  ],
];
