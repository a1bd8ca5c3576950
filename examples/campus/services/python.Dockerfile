FROM python:3.11
WORKDIR /app
# A base image that already carries the driver (an offline one, for instance) needs no download.
RUN python3 -c "import pymysql" 2>/dev/null || pip install --no-cache-dir pymysql==1.1.1
COPY . .
ENV PYTHONUNBUFFERED=1
USER nobody
EXPOSE 8000
CMD ["python3", "server.py"]
