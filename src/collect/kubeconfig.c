/* SPDX-License-Identifier: MIT */
/*
 * A kubeconfig: lists of clusters, users and contexts, by name, and which context is the current one. Of a user what can be sent is
 * taken: token, certificate, name and password. Programs that log in (exec, auth-provider) are not run from here.
 */
#include "collect/kube.h"
#include <gscrape/gzip.h>
#include <stdlib.h>

#ifdef HAVE_YAML
#include <yaml.h>

#define MAX_FILE ((size_t)4 << 20)

struct reader {
	yaml_document_t doc;
	struct kube_place *p;
	const char *path;
	struct err *e;
};

/* --- the tree --- */

static const char *text_of(const yaml_node_t *n)
{
	const char *s = n && n->type == YAML_SCALAR_NODE ? (const char *)n->data.scalar.value : NULL;

	return s && *s ? s : NULL;
}

static yaml_node_t *member(struct reader *r, const yaml_node_t *map, const char *key)
{
	if (!map || map->type != YAML_MAPPING_NODE)
		return NULL;
	for (const yaml_node_pair_t *m = map->data.mapping.pairs.start; m < map->data.mapping.pairs.top; m++) {
		const char *k = text_of(yaml_document_get_node(&r->doc, m->key));

		if (k && strcmp(k, key) == 0)
			return yaml_document_get_node(&r->doc, m->value);
	}
	return NULL;
}

static const char *text(struct reader *r, const yaml_node_t *map, const char *key)
{
	return text_of(member(r, map, key));
}

/* Of the list `list` of the document the entry called `name`: its member `what`. */
static yaml_node_t *named(struct reader *r, const char *list, const char *name, const char *what)
{
	yaml_node_t *l = member(r, yaml_document_get_root_node(&r->doc), list);

	for (yaml_node_item_t *i = l && l->type == YAML_SEQUENCE_NODE ? l->data.sequence.items.start : NULL; i && i < l->data.sequence.items.top; i++) {
		const yaml_node_t *entry = yaml_document_get_node(&r->doc, *i);
		const char *its = text(r, entry, "name");

		if (its && name && strcmp(its, name) == 0)
			return member(r, entry, what);
	}
	return NULL;
}

/* --- what stands in it --- */

static int digit(char c)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) : -1;
}

static int decode(const char *s, struct buf *out)
{
	uint32_t bits = 0;
	int n = 0;

	for (; *s && *s != '='; s++) {
		if (char_in(*s, " \t\r\n"))
			continue;
		if (digit(*s) < 0)
			return -1;
		bits = bits << 6 | (uint32_t)digit(*s);
		n += 6;
		if (n >= 8) {
			n -= 8;
			buf_putc(out, (char)(bits >> n & 0xff));
		}
	}
	return out->n ? 0 : -1;
}

static char *keep(struct reader *r, const char *s)
{
	return s ? pool_strndup(&r->p->own, s, strlen(s)) : NULL;
}

/* Names of files in a kubeconfig count from its own folder. */
static char *beside(struct reader *r, const char *file)
{
	const char *slash = strrchr(r->path, '/');

	return *file == '/' || !slash ? keep(r, file) : pool_printf(&r->p->own, "%.*s/%s", (int)(slash - r->path), r->path, file);
}

/* Something that stands there itself in base64, as `name`-data, or is the name of a file. */
static int take_pem(struct reader *r, const yaml_node_t *map, const char *name, struct buf *own, struct str *data, const char **file)
{
	char key[64];
	const char *s = text(r, map, strcat(strcpy(key, name), "-data"));

	if (s) {
		if (decode(s, own) < 0)
			return fail(r->e, "%s: %s is no base64", r->path, key);
		*data = (struct str){own->p, own->n};
		return 0;
	}
	s = text(r, map, name);
	if (s)
		*file = beside(r, s);
	return 0;
}

static int take_cluster(struct reader *r, const char *name)
{
	const yaml_node_t *c = named(r, "clusters", name, "cluster");
	const char *server = text(r, c, "server"), *insecure = text(r, c, "insecure-skip-tls-verify");
	struct http_access *a = &r->p->access;
	struct err why = {0};

	if (!server)
		return fail(r->e, "%s: cluster '%s' of the current context has no server", r->path, name ? name : "");
	if (kube_place_set_server(r->p, server, &why) < 0)
		return fail(r->e, "%s: %s", r->path, why.text);
	a->insecure = insecure && strcmp(insecure, "true") == 0;
	return take_pem(r, c, "certificate-authority", &r->p->secrets[0], &a->cacert_text, &a->cacert);
}

static int take_user(struct reader *r, const char *name)
{
	const yaml_node_t *u = named(r, "users", name, "user"), *exec = member(r, u, "exec"), *provider = member(r, u, "auth-provider");
	const char *password = text(r, u, "password"), *file = text(r, u, "tokenFile"), *log_in = text(r, exec ? exec : provider, exec ? "command" : "name");
	struct http_access *a = &r->p->access;

	if (!u && name)
		return fail(r->e, "%s: user '%s' of the current context is not there", r->path, name);
	if (exec || provider)
		return fail(r->e, "%s: user '%s' logs in with the program '%s', which is not run from here: " KUBE_PROXY_HINT, r->path, name, log_in ? log_in : "?");
	if (file)
		a->bearer_file = beside(r, file);
	else
		a->bearer = keep(r, text(r, u, "token"));
	if (password)
		a->user = pool_printf(&r->p->own, "%s:%s", text(r, u, "username") ? text(r, u, "username") : "", password);
	if (take_pem(r, u, "client-certificate", &r->p->secrets[1], &a->cert_text, &a->cert) < 0)
		return -1;
	return take_pem(r, u, "client-key", &r->p->secrets[2], &a->key_text, &a->key);
}

static int take_context(struct reader *r)
{
	const char *current = text(r, yaml_document_get_root_node(&r->doc), "current-context");
	const yaml_node_t *c = named(r, "contexts", current, "context");
	const char *ns = text(r, c, "namespace");

	if (!current)
		return fail(r->e, "%s: has no current-context (kubectl config use-context NAME)", r->path);
	if (!c)
		return fail(r->e, "%s: context '%s' is not there", r->path, current);
	if (ns)
		r->p->ns = keep(r, ns);
	if (take_cluster(r, text(r, c, "cluster")) < 0)
		return -1;
	return take_user(r, text(r, c, "user"));
}

int kubeconfig_read(struct kube_place *p, const char *path, struct err *e)
{
	struct reader r = {.p = p, .path = path, .e = e};
	struct buf in = {0};
	yaml_parser_t parser;
	int rc = -1;

	if (file_read(path, &in, MAX_FILE, e) != 0 || !yaml_parser_initialize(&parser)) {
		http_forget(&in);
		return -1;
	}
	yaml_parser_set_input_string(&parser, (const unsigned char *)(in.n ? in.p : ""), in.n);
	if (yaml_parser_load(&parser, &r.doc)) {
		rc = yaml_document_get_root_node(&r.doc) ? take_context(&r) : fail(e, "%s: is empty", path);
		yaml_document_delete(&r.doc);
	} else {
		fail(e, "%s: line %zu: %s", path, parser.problem_mark.line + 1, parser.problem ? parser.problem : "is no YAML");
	}
	yaml_parser_delete(&parser);
	http_forget(&in);
	return rc;
}

#else

int kubeconfig_read(struct kube_place *p, const char *path, struct err *e)
{
	(void)p;
	return fail(e, "%s: this program was built without libyaml and reads no kubeconfig: " KUBE_PROXY_HINT, path);
}

#endif
