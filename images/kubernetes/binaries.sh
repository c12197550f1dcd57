# Compiles the static programs of Kubernetes.
. "$go"
cp "$generated" pkg/generated/openapi/zz_generated.openapi.go
number=${version#v}
minor=${number#*.}
flags="-s -w -buildid="
for package in k8s.io/kubernetes/vendor/k8s.io/component-base/version k8s.io/kubernetes/vendor/k8s.io/client-go/pkg/version; do
  for setting in "gitVersion=$version" "gitMajor=${number%%.*}" "gitMinor=${minor%%.*}" "gitTreeState=archive" \
    "buildDate=$(date -u -d "@$SOURCE_DATE_EPOCH" +%Y-%m-%dT%H:%M:%SZ)"; do
    flags="$flags -X $package.$setting"
  done
done
mkdir -p "$out/bin"
for program in kubeadm kubectl kube-apiserver kube-controller-manager kube-scheduler kubelet kube-proxy; do
  step "compiling $program"
  go build -trimpath -ldflags "$flags" -o "$out/bin/$program" "./cmd/$program"
done
