print(String(decoding: PackageResources.demo_yaml, as: UTF8.self).count)
