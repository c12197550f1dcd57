# Generates pkg/generated/openapi, as the target of the same name in Kubernetes' own Makefile.generated_files does.
. "$go"
step 'building the generator'
go build -o "$NIX_BUILD_TOP/openapi-gen" ./vendor/k8s.io/kube-openapi/cmd/openapi-gen
step 'generating definitions'
inputs=$(find cmd pkg plugin staging/src -name '*.go' -print0 | xargs -0 grep -l '^// *+k8s:openapi-gen=' |
  sed -e 's|/[^/]*$||' -e 's|^staging/src|vendor|' -e 's|^|k8s.io/kubernetes/|' |
  grep -v -e /code-generator/ -e /sample-apiserver/ | sort -u | tr '\n' ,)
[ "$inputs" ]
mkdir -p pkg/generated/openapi
"$NIX_BUILD_TOP/openapi-gen" --logtostderr -i "${inputs%,}" -p k8s.io/kubernetes/pkg/generated/openapi \
  -O zz_generated.openapi -h vendor/k8s.io/code-generator/hack/boilerplate.go.txt -r "$NIX_BUILD_TOP/violations"
# The known violations of the rules for APIs come with the sources: the same ones show that the same types were read.
diff "$NIX_BUILD_TOP/violations" api/api-rules/violation_exceptions.list
cp pkg/generated/openapi/zz_generated.openapi.go "$out"
