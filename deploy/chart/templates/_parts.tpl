{{/* What every pod of the site has in common; called with (dict "root" $ "part" "web"). */}}
{{- define "lineage.labels" -}}
app.kubernetes.io/name: lineage
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .part }}
{{- end }}

{{- define "lineage.image" -}}
{{ .Values.image.repository }}{{ with .Values.image.digest }}@{{ . }}{{ else }}:{{ .Values.image.tag | default .Chart.AppVersion }}{{ end }}
{{- end }}

{{- define "lineage.name" -}}
{{ .root.Release.Name }}-{{ .part }}
{{- end }}

{{- define "lineage.pod" -}}
{{- $ := .root -}}
automountServiceAccountToken: false
enableServiceLinks: false
terminationGracePeriodSeconds: {{ $.Values.terminationGracePeriodSeconds }}
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  seccompProfile: {type: RuntimeDefault}
{{- with $.Values.imagePullSecrets }}
imagePullSecrets: {{ toJson . }}
{{- end }}
{{- with $.Values.nodeSelector }}
nodeSelector: {{ toJson . }}
{{- end }}
{{- with $.Values.tolerations }}
tolerations: {{ toJson . }}
{{- end }}
containers:
  - name: {{ .part }}
    image: {{ include "lineage.image" $ }}
    imagePullPolicy: {{ $.Values.image.pullPolicy }}
    args: [{{ .part }}]
    securityContext:
      allowPrivilegeEscalation: false
      readOnlyRootFilesystem: true
      capabilities: {drop: [ALL]}
    env:
      - {name: DATABASE_URL_FILE, value: /run/secrets/lineage/database-url}
      - {name: REDIS_URL_FILE, value: /run/secrets/lineage/redis-url}
      - {name: SECRET_KEY_FILE, value: /run/secrets/lineage/secret-key}
      - {name: METRICS_TOKEN_FILE, value: /run/secrets/lineage/metrics-token}
      {{- if $.Values.files }}
      - {name: FILES, value: {{ quote $.Values.files }}}
      - {name: S3_ENDPOINT, value: {{ quote $.Values.s3.endpoint }}}
      - {name: S3_REGION, value: {{ quote $.Values.s3.region }}}
      {{- if $.Values.s3.keys }}
      - {name: S3_ACCESS_KEY_FILE, value: /run/secrets/lineage/s3-access-key}
      - {name: S3_SECRET_KEY_FILE, value: /run/secrets/lineage/s3-secret-key}
      {{- end }}
      {{- else }}
      - {name: FILES, value: /var/lib/lineage-files}
      {{- end }}
      - {name: ORIGINS, value: {{ join "," $.Values.origins | quote }}}
      - {name: PROXY, value: {{ join "," $.Values.proxies | quote }}}
      - {name: DEMO, value: {{ ternary "1" "0" $.Values.demo | quote }}}
      - {name: WORKERS, value: {{ quote $.Values.worker.processes }}}
      - {name: LOG_FORMAT, value: json}
      {{- range $name, $value := $.Values.env }}
      - {name: {{ $name }}, value: {{ quote $value }}}
      {{- end }}
    {{- if eq .part "web" }}
    ports:
      - {name: http, containerPort: 8000}
    startupProbe:
      httpGet: &alive {path: /healthz, port: http, httpHeaders: [{name: Host, value: localhost}]}
      periodSeconds: 5
      failureThreshold: 60
    livenessProbe:
      httpGet: *alive
      periodSeconds: 10
      timeoutSeconds: 5
      failureThreshold: 6
    readinessProbe:
      httpGet: *alive
      periodSeconds: 5
      timeoutSeconds: 5
    lifecycle:
      # whoever deals out connections learns first that the pod is going
      preStop: {exec: {command: [sleep, "5"]}}
    {{- end }}
    resources: {{ toJson .resources }}
    volumeMounts:
      - {name: scratch, mountPath: /var/lib/lineage}
      - {name: tmp, mountPath: /tmp}
      - {name: secret, mountPath: /run/secrets/lineage, readOnly: true}
      {{- if not $.Values.files }}
      - {name: files, mountPath: /var/lib/lineage-files}
      {{- end }}
volumes:
  - name: scratch
    emptyDir: {sizeLimit: {{ $.Values.scratch }}}
  - name: tmp
    emptyDir: {sizeLimit: 256Mi}
  - name: secret
    secret: {secretName: {{ $.Values.secret }}, defaultMode: 0440}
  {{- if not $.Values.files }}
  - name: files
    persistentVolumeClaim: {claimName: {{ required "sharedVolume: a claim, where files is no bucket" $.Values.sharedVolume }}}
  {{- end }}
{{- end }}

{{- define "lineage.deployment" -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "lineage.name" . }}
  labels: {{- include "lineage.labels" . | nindent 4 }}
spec:
  {{- if not .scaled }}
  replicas: {{ .replicas }}
  {{- end }}
  selector:
    matchLabels: {{- include "lineage.labels" . | nindent 6 }}
  strategy:
    rollingUpdate: {maxUnavailable: 0, maxSurge: 1}
  template:
    metadata:
      labels: {{- include "lineage.labels" . | nindent 8 }}
    spec:
      {{- include "lineage.pod" . | nindent 6 }}
{{- end }}

{{- define "lineage.budget" -}}
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: {{ include "lineage.name" . }}
  labels: {{- include "lineage.labels" . | nindent 4 }}
spec:
  maxUnavailable: 1
  selector:
    matchLabels: {{- include "lineage.labels" . | nindent 6 }}
{{- end }}
