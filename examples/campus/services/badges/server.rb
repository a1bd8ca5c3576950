# The badge that a number of visits earns.
require 'json'
require 'webrick'

BADGES = { 1 => 'guest', 5 => 'regular', 20 => 'furniture' }.freeze

def answer(request)
  visits = request.query.fetch('visits', '1').to_i
  { badge: BADGES.select { |from, _| visits >= from }.values.last }
end

server = WEBrick::HTTPServer.new(Port: 8000, AccessLog: [], Logger: WEBrick::Log.new($stderr, WEBrick::Log::WARN))
server.mount_proc('/') do |request, response|
  response['Content-Type'] = 'application/json'
  response.body = "#{JSON.generate(request.path == '/healthz' ? 'ok' : answer(request))}\n"
end
trap('TERM') { exit! }
server.start
