# Takes orders from the queue, has them paid, and writes that down.
require 'bunny'
require 'pg'
require 'redis'
require 'socket'

$stdout.sync = true
NAME = Socket.gethostname

# The database may be replaced while we run (a new version, a restart): then we connect again and go on.
class Database
  def exec_params(*query)
    attempts ||= 0
    connection.exec_params(*query)
  rescue PG::Error => error
    @connection = nil
    raise if (attempts += 1) > 20

    puts "ERROR database: #{error.message.lines.first&.strip}, trying again"
    sleep 0.5
    retry
  end

  private

  def connection
    @connection ||= PG.connect(ENV.fetch('DATABASE_URL'))
  end
end

def pay(database, cache, id)
  begun = Process.clock_gettime(Process::CLOCK_MONOTONIC)
  # A message may come twice; an order is paid once.
  paid = database.exec_params("UPDATE orders SET status = 'paid', paid_by = $2 WHERE id = $1 AND status = 'new'", [id, NAME])
  cache.incr('orders:paid') if paid.cmd_tuples == 1
  took = ((Process.clock_gettime(Process::CLOCK_MONOTONIC) - begun) * 1000).round
  puts(paid.cmd_tuples == 1 ? "paid order #{id} in #{took} ms" : "order #{id} was paid before")
end

trap('TERM') { exit 0 }

database = Database.new
cache = Redis.new(url: ENV.fetch('REDIS_URL'))
connection = Bunny.new(ENV.fetch('AMQP_URL')).start
channel = connection.create_channel
channel.prefetch(1)
queue = channel.queue('orders.new', durable: true)

puts "waiting for orders as #{NAME}"
queue.subscribe(manual_ack: true, block: true) do |delivery, _properties, body|
  puts "took order #{body} from orders.new"
  pay(database, cache, body.to_i)
  channel.ack(delivery.delivery_tag)
end
