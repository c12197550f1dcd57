using System.Collections;
using System.Reflection;
using System.Text;

namespace Regatta.Config;

/// <summary>Reads declarations from C# records: properties become keys, <see cref="ConfigKeyAttribute"/> documents them.</summary>
public sealed class RecordSchema
{
    private readonly Dictionary<Type, StructSchema> _known = [];

    /// <summary>The declaration of a record.</summary>
    public static StructSchema Of<T>() => new RecordSchema().Read(typeof(T));

    /// <summary>The declaration of a record.</summary>
    /// <exception cref="NotSupportedException">A property has a type that no configuration can hold.</exception>
    public static StructSchema Of(Type type) => new RecordSchema().Read(type);

    /// <summary>A property's key: lower case with underscores.</summary>
    public static string KeyOf(string propertyName)
    {
        var key = new StringBuilder(propertyName.Length + 4);
        for (var i = 0; i < propertyName.Length; i++)
        {
            var c = propertyName[i];
            if (char.IsUpper(c))
            {
                var starts = i > 0 && (!char.IsUpper(propertyName[i - 1]) || (i + 1 < propertyName.Length && char.IsLower(propertyName[i + 1])));
                if (starts) key.Append('_');
                key.Append(char.ToLowerInvariant(c));
            }
            else
            {
                key.Append(c);
            }
        }

        return key.ToString();
    }

    internal static IEnumerable<PropertyInfo> Properties(Type type) =>
        type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(p => p.SetMethod is not null && p.GetMethod is not null && p.GetIndexParameters().Length == 0 && p.GetCustomAttribute<NotConfiguredAttribute>() is null);

    internal static string KeyOf(PropertyInfo property) => property.GetCustomAttribute<ConfigKeyAttribute>()?.Name ?? KeyOf(property.Name);

    /// <summary>The static <c>Parse</c> that makes a value of a type out of a text; null when it has none, or when the engine knows the type itself.</summary>
    internal static MethodInfo? Parser(Type type)
    {
        if (type.IsPrimitive || type.IsEnum || type == typeof(string) || type == typeof(decimal) || type == typeof(TimeSpan) || type == typeof(ByteSize)) return null;
        var parse = type.GetMethod("Parse", BindingFlags.Public | BindingFlags.Static, [typeof(string)]);
        return parse?.ReturnType == type ? parse : null;
    }

    /// <summary>The names of the kinds of a section; null when the type is an ordinary record.</summary>
    internal static EnumHint? KindNames(Type type)
    {
        if (type.GetCustomAttribute<ConfigKindsAttribute>(inherit: false) is null) return null;
        var kinds = type.GetCustomAttributes<ConfigKindAttribute>(inherit: false).ToList();
        return new EnumHint(NameOf(type) + "Kind", kinds.ConvertAll(k => k.Name))
        {
            IgnoreCase = true,
            Former = kinds.Where(k => k.Former is not null).ToImmutableDictionary(k => k.Former!, k => k.Name, StringComparer.Ordinal),
        };
    }

    /// <summary>The record of a kind of a section.</summary>
    internal static Type KindType(Type type, string kind) => type.GetCustomAttributes<ConfigKindAttribute>(inherit: false).First(k => k.Name == kind).Type;

    private StructSchema ReadKinds(Type type, EnumHint names)
    {
        var facts = type.GetCustomAttribute<ConfigKindsAttribute>(inherit: false)!;
        var choice = new FieldSchema(KindSchema.Key, names) { Description = facts.Description, Example = facts.Example };
        var kinds = names.Members.Select(name =>
        {
            var declared = Read(KindType(type, name));
            return new KindSchema(name, declared with { Fields = [choice, .. declared.Fields] });
        }).ToList();
        var all = new List<FieldSchema> { choice };
        foreach (var field in kinds.SelectMany(k => k.Schema.Fields.Skip(1)))
        {
            // Until all files and overrides are merged, any kind may become the one that is meant: what is not given is null till then.
            var open = field with { Hint = field.Hint with { Optional = true }, Default = null };
            if (all.Find(f => f.Name == field.Name) is not { } known) all.Add(open);
            else if (known.Hint.ToString() != open.Hint.ToString()) throw new NotSupportedException($"'{field.Name}' has several types in the kinds of {type}");
        }

        return new StructSchema(NameOf(type))
        {
            ClrType = type,
            Description = type.GetCustomAttribute<ConfigSchemaAttribute>(inherit: false)?.Description,
            Fields = all,
            Kinds = kinds,
        };
    }

    private StructSchema Read(Type type)
    {
        if (_known.TryGetValue(type, out var schema)) return schema;
        if (KindNames(type) is { } names)
        {
            schema = ReadKinds(type, names);
            _known.Add(type, schema);
            return schema;
        }

        var fields = new List<FieldSchema>();
        schema = new StructSchema(NameOf(type))
        {
            ClrType = type,
            Description = type.GetCustomAttribute<ConfigSchemaAttribute>()?.Description,
            Fields = fields,
        };
        _known.Add(type, schema);
        var constructor = PrimaryConstructor(type);
        var prototype = constructor is null ? Activator.CreateInstance(type) : null;
        var nullability = new NullabilityInfoContext();
        foreach (var property in Properties(type))
        {
            var facts = property.GetCustomAttribute<ConfigKeyAttribute>();
            // Reading nullability is slow, and only references and generic types have any that their type does not tell.
            var annotated = property.PropertyType.IsValueType && !property.PropertyType.IsGenericType ? null : nullability.Create(property);
            var optional = Nullable.GetUnderlyingType(property.PropertyType) is not null
                || (!property.PropertyType.IsValueType && annotated?.ReadState == NullabilityState.Nullable);
            var hint = Hint(property.PropertyType, facts, optional, annotated);
            var field = new FieldSchema(KeyOf(property), hint) { Description = facts?.Description, Example = facts?.Example };
            fields.Add(field with { Default = Default(property, hint, constructor, prototype) });
        }

        return schema;
    }

    private static string NameOf(Type type)
    {
        var name = type.Name;
        foreach (var ending in new[] { "Options", "Settings", "Spec", "Config" })
        {
            if (name.Length > ending.Length && name.EndsWith(ending, StringComparison.Ordinal)) return name[..^ending.Length];
        }

        return name;
    }

    /// <summary>The constructor of a positional record; null when there is one without parameters.</summary>
    internal static ConstructorInfo? PrimaryConstructor(Type type)
    {
        if (type.IsValueType || type.GetConstructor(Type.EmptyTypes) is not null) return null;
        return type.GetConstructors().OrderByDescending(c => c.GetParameters().Length).FirstOrDefault()
            ?? throw new NotSupportedException($"{type} has no public constructor");
    }

    private static object? Default(PropertyInfo property, TypeHint hint, ConstructorInfo? constructor, object? prototype)
    {
        if (property.GetCustomAttribute<System.Runtime.CompilerServices.RequiredMemberAttribute>() is not null) return FieldSchema.Mandatory;
        if (constructor is not null)
        {
            var parameter = Array.Find(constructor.GetParameters(), p => string.Equals(p.Name, property.Name, StringComparison.OrdinalIgnoreCase));
            if (parameter is null) return hint.Optional ? null : hint is StructHint ? FieldSchema.NewInstance : FieldSchema.Mandatory;
            if (!parameter.HasDefaultValue) return FieldSchema.Mandatory;
            return Plain(parameter.DefaultValue is null && parameter.ParameterType.IsValueType ? Activator.CreateInstance(parameter.ParameterType) : parameter.DefaultValue, hint);
        }

        return Plain(property.GetValue(prototype), hint);
    }

    /// <summary>A value of C# as a configuration would hold it.</summary>
    internal static object? Plain(object? value, TypeHint hint)
    {
        switch (value)
        {
            case null: return hint.Optional ? null : hint is StructHint ? FieldSchema.NewInstance : FieldSchema.Mandatory;
            case string or bool or double or long: return value;
            case Enum member when hint is EnumHint type: return new EnumMember(type, EnumName(member.ToString()));
            case ByteSize size: return size.ToString();
            case var _ when hint is StringHint: return value.ToString();
            case TimeSpan span: return Text(span);
            case int or short or byte or uint or ushort or sbyte: return Convert.ToInt64(value, CultureInfo.InvariantCulture);
            case float or decimal: return Convert.ToDouble(value, CultureInfo.InvariantCulture);
            case IDictionary map when hint is DictHint dict:
                var entries = new PlainMap();
                foreach (DictionaryEntry entry in map) entries.Set(Plain(entry.Key, dict.Key), Plain(entry.Value, dict.Value));
                return entries;
            case IEnumerable items when hint is DictHint dict:
                var pairs = new PlainMap();
                foreach (var item in items)
                    pairs.Set(item.GetType().GetProperty("Key")!.GetValue(item), Plain(item.GetType().GetProperty("Value")!.GetValue(item), dict.Value));
                return pairs;
            case IEnumerable items when hint is ListHint list:
                return items.Cast<object?>().Select(i => Plain(i, list.Item)).ToList();
            default:
                if (hint is not StructHint type2) return value;
                var fields = new PlainMap();
                foreach (var property in Properties(value.GetType()))
                {
                    var field = type2.Schema.Fields.FirstOrDefault(f => f.Name == KeyOf(property));
                    if (field is not null) fields.Set(field.Name, Plain(property.GetValue(value), field.Hint));
                }

                return fields;
        }
    }

    /// <summary>A duration as people write it.</summary>
    internal static string Text(TimeSpan span)
    {
        foreach (var (unit, ticks) in new[] { ("d", TimeSpan.TicksPerDay), ("h", TimeSpan.TicksPerHour), ("m", TimeSpan.TicksPerMinute), ("s", TimeSpan.TicksPerSecond), ("ms", TimeSpan.TicksPerMillisecond) })
        {
            if (span.Ticks != 0 && span.Ticks % ticks == 0) return (span.Ticks / ticks).ToString(CultureInfo.InvariantCulture) + unit;
        }

        return span == TimeSpan.Zero ? "0s" : span.TotalMilliseconds.ToString("R", CultureInfo.InvariantCulture) + "ms";
    }

    internal static string EnumName(string member) => KeyOf(member).Replace('_', '-');

    private TypeHint Hint(Type type, ConfigKeyAttribute? facts, bool optional, NullabilityInfo? nullability)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        var ranged = facts is not null && (!double.IsNaN(facts.Minimum) || !double.IsNaN(facts.Maximum));
        TypeHint hint;
        if (type == typeof(object) || typeof(ConfigNode).IsAssignableFrom(type)) hint = TypeHint.Any;
        else if (type == typeof(string)) hint = new StringHint();
        else if (type == typeof(bool)) hint = new BoolHint();
        else if (type == typeof(ByteSize)) hint = Measured(QuantityKind.Size, facts);
        else if (type == typeof(TimeSpan)) hint = Measured(QuantityKind.Duration, facts);
        else if (type == typeof(int) || type == typeof(long) || type == typeof(short) || type == typeof(byte) || type == typeof(uint) || type == typeof(ushort)) hint = ranged ? Measured(QuantityKind.Count, facts) : new IntHint();
        else if (type == typeof(double) || type == typeof(float) || type == typeof(decimal)) hint = ranged ? Measured(QuantityKind.Number, facts) : new FloatHint();
        else if (type.IsEnum) hint = new EnumHint(NameOf(type), Enum.GetNames(type).Select(EnumName).ToList()) { IgnoreCase = true };
        else if (Parser(type) is not null) hint = new StringHint();
        else if (DictionaryTypes(type) is var (key, value)) hint = new DictHint(Hint(key, null, false, null), Hint(value, null, Allows(nullability, 1), null));
        else if (ItemType(type) is { } item) hint = new ListHint(Hint(item, facts, Allows(nullability, 0), null));
        else if (type.IsClass || type.IsValueType) hint = new StructHint(Read(type));
        else throw new NotSupportedException($"no configuration can hold a {type}");
        return optional || hint is AnyHint ? hint with { Optional = true } : hint;
    }

    private static bool Allows(NullabilityInfo? nullability, int argument) =>
        nullability is not null && (nullability.GenericTypeArguments.Length > argument ? nullability.GenericTypeArguments[argument] : nullability.ElementType)?.ReadState == NullabilityState.Nullable;

    private static QuantityHint Measured(QuantityKind kind, ConfigKeyAttribute? facts) => new(new Quantity(kind)
    {
        Minimum = facts is null || double.IsNaN(facts.Minimum) ? kind is QuantityKind.Size or QuantityKind.Duration ? 0 : null : facts.Minimum,
        Maximum = facts is null || double.IsNaN(facts.Maximum) ? null : facts.Maximum,
        Above = facts?.Above ?? false,
    });

    internal static (Type Key, Type Value)? DictionaryTypes(Type type)
    {
        foreach (var face in type.GetInterfaces().Append(type))
        {
            if (face.IsGenericType && (face.GetGenericTypeDefinition() == typeof(IReadOnlyDictionary<,>) || face.GetGenericTypeDefinition() == typeof(IDictionary<,>)))
                return (face.GetGenericArguments()[0], face.GetGenericArguments()[1]);
        }

        return null;
    }

    internal static Type? ItemType(Type type)
    {
        if (type.IsArray) return type.GetElementType();
        foreach (var face in type.GetInterfaces().Append(type))
        {
            if (face.IsGenericType && face.GetGenericTypeDefinition() == typeof(IEnumerable<>)) return face.GetGenericArguments()[0];
        }

        return null;
    }
}
