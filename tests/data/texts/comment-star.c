/*
 * goroutine 1 [chan receive, 14 minutes]:
 * main.run(0xc00009c210, {0x2d8701?, 0x7?, 0x51be80?})
 * 	/src/shop/run.go:31 +0x414
 * main.main()
 * 	/src/shop/main.go:12 +0x65
 *
 * goroutine 42 [select]:
 * shop/bus.(*Bus).loop(...)
 * 	/src/shop/bus/bus.go:77
 * created by shop/bus.New in goroutine 1
 * 	/src/shop/bus/bus.go:40 +0x9a
 */
