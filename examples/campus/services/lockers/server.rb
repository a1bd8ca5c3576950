# Which lockers are free.
require 'json'
require 'webrick'

TAKEN = [2, 3, 7].freeze

def answer(_request) = { free: (1..8).to_a - TAKEN }

server = WEBrick::HTTPServer.new(Port: 8000, AccessLog: [], Logger: WEBrick::Log.new($stderr, WEBrick::Log::WARN))
server.mount_proc('/') do |request, response|
  response['Content-Type'] = 'application/json'
  response.body = "#{JSON.generate(request.path == '/healthz' ? 'ok' : answer(request))}\n"
end
trap('TERM') { exit! }
server.start
