import Foundation
import KubeModel
import Testing

/// Files that were recorded from a Kubernetes 1.36 control plane.
enum Fixture {
  static func bytes(_ path: String) throws -> [UInt8] {
    let url = try #require(Bundle.module.resourceURL).appendingPathComponent("Fixtures/\(path)")
    return [UInt8](try Data(contentsOf: url))
  }

  static func text(_ path: String) throws -> String { String(decoding: try bytes(path), as: UTF8.self) }

  static func json(_ path: String) throws -> JSONValue { try JSONParser.parse(try bytes(path)) }
}

func objects(_ yaml: String, file: String = "test.yaml") throws -> [KubeObject] {
  try Manifest.read(Array(yaml.utf8), file: file).map(\.object)
}

/// The error that `yaml` gives, as one line.
func complaint(_ yaml: String, file: String = "test.yaml") -> String? {
  do {
    _ = try Manifest.read(Array(yaml.utf8), file: file)
    return nil
  } catch {
    return error.description
  }
}
