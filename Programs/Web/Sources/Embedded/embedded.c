#include "embedded.h"

// Files of Debian's packages are read when the program is built, so that they need not be in the repository.
#if !__has_embed(<javascript/chart.js/chart.min.js>)
#error "Debian's package libjs-chart.js is missing: build with `make web`, or apt-get install libjs-chart.js"
#endif
#if !__has_embed(<javascript/codemirror/lib/codemirror.js>)
#error "Debian's package libjs-codemirror is missing: build with `make web`, or apt-get install libjs-codemirror"
#endif
#if !__has_embed(<nodejs/dagre/dist/dagre.min.js>)
#error "Debian's package node-dagre-layout is missing: build with `make web`, or apt-get install node-dagre-layout"
#endif

static const unsigned char chart_js[] = {
#embed <javascript/chart.js/chart.min.js>
};
static const unsigned char codemirror_js[] = {
#embed <javascript/codemirror/lib/codemirror.js>
};
static const unsigned char codemirror_css[] = {
#embed <javascript/codemirror/lib/codemirror.css>
};
static const unsigned char sql_js[] = {
#embed <javascript/codemirror/mode/sql/sql.js>
};
static const unsigned char show_hint_js[] = {
#embed <javascript/codemirror/addon/hint/show-hint.js>
};
static const unsigned char show_hint_css[] = {
#embed <javascript/codemirror/addon/hint/show-hint.css>
};
static const unsigned char sql_hint_js[] = {
#embed <javascript/codemirror/addon/hint/sql-hint.js>
};
static const unsigned char dagre_js[] = {
#embed <nodejs/dagre/dist/dagre.min.js>
};
static const unsigned char chart_notice[] = {
#embed <doc/libjs-chart.js/copyright>
};
static const unsigned char codemirror_notice[] = {
#embed <doc/libjs-codemirror/copyright>
};
static const unsigned char dagre_notice[] = {
#embed <doc/node-dagre-layout/copyright>
};
static const unsigned char app_js[] = {
#embed "../../Assets/app.js"
};
static const unsigned char worker_js[] = {
#embed "../../Assets/worker.js"
};
static const unsigned char style_css[] = {
#embed "../../Assets/style.css"
};
static const unsigned char swift_notice[] = {
#embed "../../Assets/notices.txt"
};
static const unsigned char license[] = {
#embed "../../../../LICENSE"
};

#define JS "text/javascript; charset=utf-8"
#define CSS "text/css; charset=utf-8"
#define FILE(name, type, bytes) {name, type, bytes, sizeof(bytes)}

static const struct embedded files[] = {
    FILE("chart.js", JS, chart_js),
    FILE("codemirror.js", JS, codemirror_js),
    FILE("codemirror.css", CSS, codemirror_css),
    FILE("sql.js", JS, sql_js),
    FILE("show-hint.js", JS, show_hint_js),
    FILE("show-hint.css", CSS, show_hint_css),
    FILE("sql-hint.js", JS, sql_hint_js),
    FILE("dagre.js", JS, dagre_js),
    FILE("Chart.js", NULL, chart_notice),
    FILE("CodeMirror", NULL, codemirror_notice),
    FILE("dagre", NULL, dagre_notice),
    FILE("app.js", JS, app_js),
    FILE("worker.js", JS, worker_js),
    FILE("style.css", CSS, style_css),
    FILE("Swift packages", NULL, swift_notice),
    FILE("Apache License 2.0", NULL, license),
};
const size_t embedded_count = sizeof(files) / sizeof(files[0]);

const struct embedded *embedded_file(size_t index) { return &files[index]; }
