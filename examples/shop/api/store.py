"""Connections of the api: one place that reads the environment."""

import os
from urllib.parse import unquote, urlparse

import pika
import psycopg2
import psycopg2.extras
import redis


def database():
    connection = psycopg2.connect(os.environ["DATABASE_URL"], cursor_factory=psycopg2.extras.RealDictCursor)
    connection.autocommit = True
    return connection


def cache():
    return redis.Redis.from_url(os.environ["REDIS_URL"])


def queue():
    url = urlparse(os.environ["AMQP_URL"])
    parameters = pika.ConnectionParameters(
        host=url.hostname,
        port=url.port or 5672,
        virtual_host=unquote(url.path[1:]) or "/",
        credentials=pika.PlainCredentials(unquote(url.username), unquote(url.password)),
    )
    return pika.BlockingConnection(parameters)


def publish(order_id):
    """Hands an order to the workers. One connection per order: simple, and enough for a shop of this size."""
    connection = queue()
    try:
        channel = connection.channel()
        channel.queue_declare(queue="orders.new", durable=True)
        channel.basic_publish(
            exchange="",
            routing_key="orders.new",
            body=str(order_id).encode(),
            properties=pika.BasicProperties(delivery_mode=2),
        )
    finally:
        connection.close()
