# What goes into the image: programs that run on nodes, and the containers' archives.
mkdir -p "$out/usr/local/bin" "$out/usr/share/kubernetes"
for program in ${binaries:+kubeadm kubectl kubelet kube-proxy}; do cp "$binaries/bin/$program" "$out/usr/local/bin/"; done
cp -r "$containers" "$out/usr/share/kubernetes/containers"
