# Counts who came in today; forgets it when it is replaced.
require 'json'
require 'webrick'

COUNT = Struct.new(:today).new(0)

def answer(request)
  COUNT.today += 1 if request.request_method == 'POST'
  { today: COUNT.today }
end

server = WEBrick::HTTPServer.new(Port: 8000, AccessLog: [], Logger: WEBrick::Log.new($stderr, WEBrick::Log::WARN))
server.mount_proc('/') do |request, response|
  response['Content-Type'] = 'application/json'
  response.body = "#{JSON.generate(request.path == '/healthz' ? 'ok' : answer(request))}\n"
end
trap('TERM') { exit! }
server.start
