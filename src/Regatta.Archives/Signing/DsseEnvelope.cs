using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Regatta.Archives.Signing;

/// <summary>A DSSE envelope: a payload and the signatures over it and its type.</summary>
/// <param name="Payload">The payload, base64.</param>
/// <param name="PayloadType">Its type.</param>
/// <param name="Signatures">The signatures.</param>
public sealed record DsseEnvelope(string Payload, string PayloadType, ImmutableArray<DsseSignature> Signatures)
{
    /// <summary>Type of an in-toto statement.</summary>
    public const string InToto = "application/vnd.in-toto+json";

    /// <summary>The payload as text.</summary>
    /// <exception cref="FormatException">It is no base64.</exception>
    [JsonIgnore]
    public string Text => Encoding.UTF8.GetString(Convert.FromBase64String(Payload));

    /// <summary>What is signed: <c>DSSEv1</c>, then type and payload, each behind its length in bytes (DSSE 1.0, PAE).</summary>
    public static string ToBeSigned(string type, string text) =>
        string.Create(CultureInfo.InvariantCulture, $"DSSEv1 {Encoding.UTF8.GetByteCount(type)} {type} {Encoding.UTF8.GetByteCount(text)} {text}");

    /// <summary>As one line.</summary>
    public string Line() => JsonSerializer.Serialize(this, DsseJson.Default.DsseEnvelope);

    /// <summary>Reads a line.</summary>
    /// <exception cref="JsonException">It is no envelope.</exception>
    public static DsseEnvelope Read(string line)
    {
        var envelope = JsonSerializer.Deserialize(line, DsseJson.Default.DsseEnvelope) ?? throw new JsonException("it is null");
        return envelope.Signatures.IsDefaultOrEmpty ? throw new JsonException("it has no signature") : envelope;
    }
}

/// <summary>A signature of an envelope.</summary>
/// <param name="KeyId">Fingerprint of the key, as ssh-keygen shows it: <c>SHA256:…</c>. A hint, not a proof.</param>
/// <param name="Sig">The signature in OpenSSH's format (SSHSIG), base64.</param>
public sealed record DsseSignature([property: JsonPropertyName("keyid")] string? KeyId, string Sig);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true, AllowDuplicateProperties = false)]
[JsonSerializable(typeof(DsseEnvelope))]
internal sealed partial class DsseJson : JsonSerializerContext;
