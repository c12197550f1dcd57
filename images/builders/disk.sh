# Makes root.qcow2 out of rootfs.tar: an ext4 file system without a partition table, the same bytes each time.
tool() {
  program=$1
  shift
  "$tools/usr/lib64/ld-linux-x86-64.so.2" --library-path "$tools/usr/lib/x86_64-linux-gnu" "$tools/usr/$program" "$@"
}
cd "$NIX_BUILD_TOP"
truncate -s "$diskSize" disk.raw
MKE2FS_CONFIG= tool sbin/mke2fs -F -q -t ext4 -b 4096 -I 256 -m 0 -L root \
  -O ^has_journal,extent,huge_file,flex_bg,metadata_csum,64bit,dir_nlink,extra_isize \
  -U 6d2f0f3a-0000-4000-8000-000000000001 \
  -E hash_seed=6d2f0f3a-0000-4000-8000-000000000002,lazy_itable_init=0,root_owner=0:0 \
  -d "$out/rootfs.tar" disk.raw
tool sbin/tune2fs -j disk.raw
tool sbin/e2fsck -fn disk.raw
tool bin/qemu-img convert -f raw -O qcow2 -m 1 disk.raw "$out/root.qcow2"
rm disk.raw
