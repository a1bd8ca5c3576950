module campus/gateway

go 1.19
