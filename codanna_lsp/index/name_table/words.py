"""The preset dictionary of packed facts: texts that most source files repeat.

Invariant: packed facts can only be read with the dictionary that wrote them; a change
here is a new version of the packed form (`codec`).
"""

# The most useful texts stand last: they are the cheapest to refer to.
WORDS = b"""\
@dataclass(frozen=True, slots=True) namespace operator template <typename T> \
constexpr noexcept override explicit inline virtual friend extern unsigned long \
size_t uint32_t uint64_t int32_t std::vector<std::string> std::unique_ptr<const \
std::map<std::shared_ptr< struct list_head * struct device *dev, void __init \
static inline int static const struct #define #include <linux/.h> #ifndef _H enum \
typedef struct union { goto return NULL; -EINVAL; -ENOMEM; module_init MODULE_ \
kmalloc kfree printk mutex_lock spin_unlock memset memcpy sizeof ARRAY_SIZE \
func (c *) (ctx context.Context, err error) ([]byte, interface{}) map[string] \
fmt.Errorf(fmt.Sprintf( errors.New testing.T) t.Fatalf( http.ResponseWriter \
pub(crate) fn (&mut self, &self) -> Result<Option<Vec<String>>, Error> impl<'a> \
for where Self: Clone + Debug + Default #[derive( unwrap() Some( Ok( Err( Box<dyn \
use std::collections::HashMap; crate::super::self:: String::from to_string() \
public static final class extends implements throws Exception @Override private \
protected abstract synchronized void main(String[] args) List<Map<String, Object>> \
import java.util.ArrayList org.apache.commons.com.google.common.collect.Immutable \
export default async function const let Promise<void> => { readonly interface type \
constructor( private readonly this.props.state. React.Component useState useEffect \
require("module.exports = string number boolean undefined null unknown any[] \
console.log JSON.stringify Object.keys Array.from addEventListener document. \
isinstance len str int dict list tuple print range enumerate super().__init__ \
ValueError TypeError KeyError RuntimeError NotImplementedError assertEqual \
assertRaises assertTrue append extend items keys values get join format split \
startswith os.path.join logger.info logging.getLogger np.array pytest.mark.parametrize \
unittest.TestCase self.assert __future__ annotations typing Any Optional Callable \
Iterable Sequence Mapping Union collections.abc dataclasses functools itertools \
@property @staticmethod @classmethod @overload async def __init__(self, *args: Any, \
**kwargs: Any) -> None def __repr__(self) -> str: def __eq__(self, other: object) \
-> bool: def test_ def get_ def set_ def is_ def _ (self, name: str, value: int = 0, \
data: bytes, path: Path, cls, key, default=None) -> list[str] tuple[int, ...] \
dict[str, Any] Returns the Return a If the Raises: Args: This is a The for of \
python def (self) -> None class (self, """
