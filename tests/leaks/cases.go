// SPDX-License-Identifier: MIT

package main

const (
	serve    = "net/http.(*Server).Serve"
	dialConn = "net/http.(*Transport).dialConn"
)

// services are all the cases. What is right for a leak: one of its creation sites and one of its places; a leak through net/http
// has more than one.
var services = []service{
	{"send-after-timeout", true, "main.(*quotes).quote", "main.(*quotes).fetch", "a slow answer comes when the asker has left", sendAfterTimeout},
	{"forgotten-receiver", true, "main.(*mailer).send", "main.(*mailer).awaitReceipt", "one in a second waits for a receipt that never comes", forgottenReceiver},
	{"missing-close", true, "main.exportReport", "main.writeRows", "an error leaves a channel open that is ranged over", missingClose},
	{"nil-channel", true, "main.(*tenant).activate", "main.(*tenant).forward", "a third of the tenants have no channel at all", nilChannel},
	{"producer-alone", true, "main.(*eventLog).ServeHTTP", "main.(*eventLog).publish", "the consumer fails after half of the story", producerAlone},
	{"abandoned-generator", true, "main.generate", "main.produce", "a search stops before its generator does", abandonedGenerator},
	{"group-wait", true, "main.(*group).Go," + serve, "main.(*crawl).fetch,main.(*group).Wait", "a group waits for members that nobody receives from", groupWait},
	{"body-not-closed", true, dialConn + "," + serve, "net/http.(*persistConn).,net/http.(*conn).serve", "the bodies of failed answers are not closed", bodyNotClosed},
	{"lost-context", true, "main.(*upload).receive", "main.(*upload).watch", "one in a second waits for the wrong context", lostContext},
	{"context-of-own", true, "context.(*cancelCtx).propagateCancel,context.propagateCancel", "context.", "children of a context of one's own are not cancelled", contextOfOwn},
	{"no-timeout", true, "main.(*billing).enqueue," + dialConn, "main.(*billing).charge,net/http.(*persistConn).", "an upstream falls silent, and the client has no timeout", noTimeout},
	{"dead-peers", true, "main.(*gateway).accept", "main.(*gateway).handle", "peers vanish, and reads have no deadline", deadPeers},
	{"pipe-without-reader", true, "main.shipLog", "main.compress", "a pipe's reader is not closed on an error", pipeWithoutReader},
	{"wait-group-miscount", true, "main.(*importer).start", "main.(*importer).finish", "Done is not called for a bad row", waitGroupMiscount},
	{"lock-order", true, serve, "main.(*bank).transfer", "two locks in two orders, and requests pile up behind", lockOrder},
	{"read-lock-forgotten", true, serve, "main.(*catalog).price", "an error keeps a read lock, and a writer blocks all readers", readLockForgotten},
	{"tokens-lost", true, serve, "main.limiter.acquire", "errors keep tokens of a limiter until there are none", tokensLost},
	{"signal-for-broadcast", true, "main.(*room).join", "main.(*room).await", "one of two waiters is woken; the load ends in the middle", signalForBroadcast},
	{"hung-once", true, serve, "main.(*directory).", "the first in a sync.Once never comes back", hungOnce},
	{"pool-deadlock", true, "main.(*shards).start", "main.(*shards).move", "all workers of a pool lock each other out; nothing grows", poolDeadlock},
	{"ticker-forever", true, "main.(*stream).serve", "main.(*stream).keepAlive", "a ticker's loop outlives its stream", tickerForever},
	{"retry-forever", true, "main.(*outbox).enqueue", "main.(*outbox).deliver", "what can't be delivered is tried for ever", retryForever},
	{"subscriber-stays", true, "main.(*hub).subscribe", "main.(*subscriber).loop", "subscribers that left go on getting messages", subscriberStays},
	{"workers-for-each", true, "main.newThumbnailer", "main.(*thumbnailer).worker", "a pool for each album, ten workers at once, never stopped", workersForEach},
	{"sleepers", true, "main.issueToken", "main.(*token).renew", "a sleeping loop for each login, for ever", sleepers},
	{"peers-again", true, "main.(*peer).connect", "main.(*peer).ping", "old pingers of peers that reconnect go on, one in a second", peersAgain},
	{"needle", true, "main.(*auditor).audit", "main.(*auditor).record", "one of sixty in a second stays", needle},
	{"leak-in-the-evening", true, "main.reserve", "main.(*reservation).hold", "the load falls faster than the leak grows", leakInTheEvening},

	{"idle", false, "", "", "a service nobody asks", idle},
	{"fixed-pool", false, "", "", "sixty workers from the beginning", fixedPool},
	{"keep-alive-ramp", false, "", "", "clients come over half of the story and stay", keepAliveRamp},
	{"daily-swing", false, "", "", "the load goes up and down like days", dailySwing},
	{"bursts", false, "", "", "eighty requests at once, now and then", bursts},
	{"morning", false, "", "", "the load rises all the time, and each request ends", morning},
	{"slow-upstream", false, "", "", "requests pile up for a while and are all answered", slowUpstream},
	{"batch-jobs", false, "", "", "three hundred goroutines, then none, and again", batchJobs},
	{"cron", false, "", "", "jobs that work for a second now and then", cron},
	{"queue-drains", false, "", "", "producers block on a full queue, and get through", queueDrains},
	{"hot-mutex", false, "", "", "many wait for one lock, which is handed on", hotMutex},
	{"rate-limited", false, "", "", "requests wait for their turn", rateLimited},
	{"fan-out", false, "", "", "groups with errors that end as they should", fanOut},
	{"slow-start", false, "", "", "a pool that grows to its size over half of the story", slowStart},
	{"feature-switch", false, "", "", "ninety goroutines more from the middle on", featureSwitch},
	{"cache-janitors", false, "", "", "one goroutine for each entry of a cache that fills up", cacheJanitors},
	{"long-polls", false, "", "", "sixty clients wait three seconds, again and again", longPolls},
	{"watchers", false, "", "", "one goroutine for each client until it leaves", watchers},
	{"sockets", false, "", "", "connections of seconds, in balance", sockets},
	{"idle-connections", false, "", "", "twenty clients that say nothing", idleConnections},
	{"restart", false, "", "", "the process starts itself again under load", restart},
	{"rolling-workers", false, "", "", "workers are replaced after some jobs", rollingWorkers},
	{"topics", false, "", "", "subscribers come and go", topics},
	{"database", false, "", "", "connections are opened up to a limit", database},
	{"debounced", false, "", "", "changes wait for others", debounced},
	{"leases", false, "", "", "a few are held, passed on, and waited for", leases},
}
