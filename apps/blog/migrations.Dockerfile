# The migrator with the migrations and commands of one release; no code of the app, so that this image changes only
# when the migrator or the migrations do. Build context: this folder, after `npm run build`.
ARG MIGRATOR_IMAGE
FROM ${MIGRATOR_IMAGE}
ARG RELEASE
COPY dist/${RELEASE}/migrations /migrations
COPY dist/${RELEASE}/commands /commands
